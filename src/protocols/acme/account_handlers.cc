#include <algorithm>

#include "base/text.h"
#include "protocols/acme/authenticate.h"
#include "protocols/acme/documents.h"
#include "protocols/acme/fields.h"
#include "protocols/acme/handlers.h"

namespace chancery::acme {
namespace {

constexpr seconds kHour{3600};

std::unexpected<Error> unauthorized(std::string detail) {
  return refuse("unauthorized", std::move(detail), Code::kPermissionDenied);
}

Error deactivated() {
  return with_status(
      make_refusal("unauthorized", "the account is deactivated", Code::kUnauthenticated), 401);
}

// The inner JWS of a binding is a MAC over the account's key (RFC 8555 section 7.3.4). Whatever is
// amiss, the binding stays as good as it was.
Result<Row<Eab>> check_binding(const Call& call, const jose::Json& binding, std::string& id) {
  const auto jws = jose::read_jws(binding);
  if (!jws) return malformed("externalAccountBinding: " + jws.error().detail);
  const auto algorithm = jose::parse_algorithm(jws->alg);
  if (!algorithm || !jose::is_mac(*algorithm))
    return malformed("externalAccountBinding: its algorithm is HS256, HS384 or HS512");
  if (!jws->kid || jws->jwk || jws->nonce)
    return malformed("externalAccountBinding: its header has \"alg\", \"kid\" and \"url\" only");
  if (jws->url != call.jws->url)
    return malformed("externalAccountBinding: its \"url\" is not that of the request");
  const auto payload = jose::parse_json_object(jws->payload);
  const auto key =
      payload ? jose::parse_jwk(*payload) : Result<jose::Jwk>(fail(Code::kMalformed, ""));
  if (!key || key->thumbprint != call.key->thumbprint)
    return malformed("externalAccountBinding: its payload is not the account's key");
  const auto found = TRY(call.acme.eabs.find(call.scope(), *jws->kid));
  const std::string shown = printable(*jws->kid, 64);
  // An unknown one costs the same as a wrong MAC and is told no differently.
  const Bytes secret = found && !found->value.key.empty() ? found->value.key : Bytes(64);
  const bool genuine = jose::verify_mac(*jws, secret).has_value();
  if (found && found->value.used_up())
    return unauthorized("the external account binding " + shown + " is used up");
  if (!found || found->value.key.empty() || !genuine)
    return unauthorized("the external account binding " + shown +
                        " is unknown or its MAC is wrong");
  if (found->value.revoked) return unauthorized("the external account binding is revoked");
  if (found->value.expires && *found->value.expires <= call.acme.use.clock.now()) {
    return unauthorized("the external account binding expired at " +
                        rfc3339(*found->value.expires));
  }
  id = *jws->kid;
  return *found;
}

Result<Accounts::Wanted> read_wanted(const Call& call) {
  const jose::Json& payload = *call.payload;
  Accounts::Wanted wanted;
  wanted.contacts = TRY(texts_field(payload, "contact")).value_or(std::vector<std::string>{});
  wanted.agrees = TRY(flag_field(payload, "termsOfServiceAgreed"));
  wanted.url_base = call.account_url("");
  const jose::Json* const binding = payload.find("externalAccountBinding");
  if (binding != nullptr) {
    const auto eab = TRY(check_binding(call, *binding, wanted.eab));
    wanted.eab_version = eab.version;
  } else if (call.directory->row.eab_required) {
    return refuse("externalAccountRequired",
                  "accounts here need an external account binding: ask the operator for a key "
                  "identifier and a MAC key");
  }
  const std::string& terms = call.directory->row.terms_of_service;
  if (!terms.empty() && !wanted.agrees) return std::unexpected(terms_required(*call.directory));
  return wanted;
}

Result<void> limit_address(const Call& call, record::WriteSet& writes) {
  if (call.context.attempt() > 0) return {};
  const Directory& row = call.directory->row;
  const Limit limit{limit_key(call.scope(), "accounts/" + network_of(call.request.peer_address)),
                    row.accounts_per_address, kHour};
  const seconds wait = TRY(call.acme.limits.spend(limit, call.acme.use.clock.now(), writes));
  if (wait.count() == 0) return {};
  return rate_limited(std::to_string(row.accounts_per_address) +
                          " accounts were made from this address within an hour",
                      wait);
}

struct KeyChange {
  std::optional<http::Lane> lane;  // where to read it, if not here
  std::optional<jose::Jwk> key;
};

// The inner JWS is signed by the new key and names account and old key (RFC 8555 section 7.3.5).
Result<KeyChange> read_key_change(const Call& call) {
  const auto inner = jose::read_jws(*call.payload);
  if (!inner) return malformed("the inner JWS: " + inner.error().detail);
  if (!inner->jwk || inner->kid) return malformed("the inner JWS has the new key as \"jwk\"");
  if (inner->nonce) return malformed("the inner JWS has no \"nonce\"");
  if (inner->url != call.jws->url)
    return malformed("the inner JWS has another \"url\" than the outer one");
  if (!jose::parse_algorithm(inner->alg) || jose::is_mac(*jose::parse_algorithm(inner->alg))) {
    return refuse("badSignatureAlgorithm",
                  "the inner JWS is signed by " + printable(inner->alg, 32), Code::kUnsupported);
  }
  auto key = TRY(read_key(call, *inner->jwk));
  if (const auto lane = lane_for(call, key.key)) return KeyChange{lane, {}};
  const auto verified = jose::verify(*inner, key.key);
  if (!verified) return malformed("the inner JWS: " + verified.error().detail);
  const auto payload = jose::parse_json_object(inner->payload);
  if (!payload) return malformed("the inner payload: " + payload.error().detail);
  const auto account = TRY(text_field(*payload, "account"));
  if (account != call.jws->kid)
    return malformed("\"account\" of the inner payload is not the account that signs");
  const jose::Json* const old = payload->find("oldKey");
  const auto old_key = old != nullptr ? jose::parse_jwk(*old) : fail(Code::kMalformed, "");
  if (!old_key || old_key->thumbprint != call.account->row.thumbprint)
    return malformed("\"oldKey\" of the inner payload is not the account's key");
  if (key.thumbprint == call.account->row.thumbprint)
    return malformed("the new key is the account's key already");
  return KeyChange{{}, std::move(key)};
}

}  // namespace

http::Response new_account(Call& call) {
  const auto present = call.acme.accounts.by_key(call.scope(), call.key->thumbprint);
  if (!present) return failed(call, present.error());
  if (*present) {
    if (!(*present)->row.valid()) return failed(call, deactivated());
    return account_answer(call, 200, **present);
  }
  const auto only_existing = flag_field(*call.payload, "onlyReturnExisting");
  if (!only_existing) return failed(call, only_existing.error());
  if (*only_existing) {
    return failed(call, make_refusal("accountDoesNotExist", "there is no account with this key",
                                     Code::kInvalidArgument));
  }
  const auto wanted = read_wanted(call);
  if (!wanted) return failed(call, wanted.error());
  auto staged =
      call.acme.accounts.create(*call.directory, *call.key, *wanted, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  if (const auto free = limit_address(call, staged->writes()); !free)
    return failed(call, free.error());
  return after_commit(call, *std::move(staged), [](const Call& c, const LoadedAccount& account) {
    return account_answer(c, 201, account);
  });
}

http::Response update_account(Call& call) {
  if (call.variables.at(0) != call.account->id) {
    return failed(call, unauthorized("this is not the account that signed").error());
  }
  if (!call.payload) return account_answer(call, 200, *call.account);
  Accounts::Change change;
  auto contacts = texts_field(*call.payload, "contact");
  if (!contacts) return failed(call, contacts.error());
  change.contacts = *std::move(contacts);
  const auto agrees = flag_field(*call.payload, "termsOfServiceAgreed");
  if (!agrees) return failed(call, agrees.error());
  const std::string& terms = call.directory->row.terms_of_service;
  change.agrees = *agrees && !terms.empty() && call.account->row.agreed_terms != terms;
  const auto status = text_field(*call.payload, "status");
  if (!status) return failed(call, status.error());
  if (*status && **status != "deactivated" && **status != "valid") {
    return failed(call,
                  malformed("the status of an account can be set to \"deactivated\"").error());
  }
  change.deactivate = *status == "deactivated";
  if (!change.contacts && !change.agrees && !change.deactivate)
    return account_answer(call, 200, *call.account);
  auto staged =
      call.acme.accounts.change(*call.directory, *call.account, change, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const Call& c, const LoadedAccount& account) {
    return account_answer(c, 200, account);
  });
}

http::Response list_orders(Call& call) {
  if (call.variables.at(0) != call.account->id)
    return failed(call, unauthorized("these are the orders of another account").error());
  const std::string prefix = call.account->id + "/";
  const auto cursor = call.request.query_value("cursor");
  const std::size_t page = call.acme.use.conduct.orders_on_page();
  const auto orders = call.acme.orders.list(
      call.scope(), call.account->id, cursor ? prefix + std::string(*cursor) : std::string(), page);
  if (!orders) return failed(call, orders.error());
  json::Writer out;
  out.begin_object().key("orders").begin_array();
  for (const OrderView& order : *orders) {
    if (order.status != Status::kInvalid) out.string(order_url(call, order.id));
  }
  out.end_array().end_object();
  auto response = answer(200, std::move(out));
  if (orders->size() < page) return response;
  const std::string next = call.account_url(call.account->id) +
                           "/orders?cursor=" + orders->back().id.substr(prefix.size());
  return std::move(response).with_header("Link", "<" + next + ">;rel=\"next\"");
}

http::Response change_key(Call& call) {
  const auto change = read_key_change(call);
  if (!change) return failed(call, change.error());
  if (change->lane) return http::Response::run_on(*change->lane);
  const auto other = call.acme.accounts.by_key(call.scope(), change->key->thumbprint);
  if (!other) return failed(call, other.error());
  if (*other) {
    Error error = with_status(
        make_refusal("malformed", "the new key is another account's", Code::kConflict), 409);
    return failed(call, std::move(error).with("location", call.account_url((*other)->id)));
  }
  auto staged = call.acme.accounts.change_key(*call.directory, *call.account, *change->key,
                                              call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const Call& c, const LoadedAccount& account) {
    return account_answer(c, 200, account);
  });
}

}  // namespace chancery::acme
