#include "protocols/acme/authenticate.h"

#include <algorithm>

#include "base/text.h"
#include "ca/blocked_keys.h"

namespace chancery::acme {
namespace {

std::unexpected<Error> malformed(std::string detail) {
  return refuse("malformed", std::move(detail), Code::kMalformed);
}

Error error_of(const Error& error) {
  if (error.code == Code::kTooLarge) return error;
  return make_refusal("malformed", error.detail, Code::kMalformed);
}

Result<void> check_envelope(const http::Request& request) {
  const auto type = request.header("Content-Type");
  if (!type || *type != "application/jose+json") {
    return std::unexpected(
        with_status(make_refusal("malformed", "the Content-Type of a POST is application/jose+json",
                                 Code::kUnsupported),
                    415));
  }
  if (request.header("Replay-Nonce"))
    return malformed(
        "Replay-Nonce is a header of answers: the nonce goes into the protected header");
  return {};
}

Result<void> check_algorithm(const jose::Jws& jws) {
  const auto algorithm = jose::parse_algorithm(jws.alg);
  if (algorithm && !jose::is_mac(*algorithm)) return {};
  return refuse("badSignatureAlgorithm",
                "the signature algorithm " + printable(jws.alg, 32) + " is not accepted",
                Code::kUnsupported);
}

Result<void> check_signer(const jose::Jws& jws, Signed by) {
  if (jws.jwk.has_value() == jws.kid.has_value())
    return malformed("the protected header has either \"jwk\" or \"kid\"");
  if (by == Signed::kByNewKey && !jws.jwk)
    return malformed("this request is signed with its own key: \"jwk\" in the protected header");
  if (by == Signed::kByAccount && !jws.kid)
    return malformed("this request is signed by an account: \"kid\" in the protected header");
  return {};
}

Result<void> check_url(const Call& call, const jose::Jws& jws) {
  if (!jws.url) return malformed("the protected header has no \"url\"");
  // The base ends with the directory's path, and the target begins with it.
  const std::size_t host_end = call.base.find('/', call.base.find("://") + 3);
  const std::string_view host = std::string_view(call.base).substr(0, host_end);
  const std::string_view url = *jws.url;
  if (url.starts_with(host) && url.substr(host.size()) == call.request.target) return {};
  return refuse("unauthorized",
                "\"url\" of the protected header is " + printable(url, 256) +
                    ", and the request went to " +
                    printable(std::string(host) + call.request.target, 256),
                Code::kPermissionDenied);
}

Result<void> redeem(Call& call, const jose::Jws& jws, Nonces& nonces) {
  // A request that is run again has paid already.
  if (call.context.paid()) return {};
  if (!jws.nonce) return refuse("badNonce", "the protected header has no \"nonce\"");
  if (!nonces.redeem(*jws.nonce) || !call.acme.use.conduct.takes_nonce())
    return refuse("badNonce", "the nonce is unknown, used or too old: use the new one");
  call.context.set_paid();
  return {};
}

Result<void> check_signature(const jose::Jws& jws, const crypto::PublicKey& key) {
  const auto verified = jose::verify(jws, key);
  if (verified) return {};
  return malformed(verified.error().detail);
}

Result<Accounts::Entry> find_account(const Call& call, const jose::Jws& jws) {
  const std::string id = TRY(read_account_url(call, *jws.kid));
  auto account = TRY(call.acme.accounts.find(call.scope(), id));
  if (account) return account;
  return refuse("accountDoesNotExist", "there is no account " + printable(*jws.kid, 256),
                Code::kInvalidArgument);
}

Result<void> let_in(Call& call, const Accounts::Entry& account) {
  call.account = account;
  call.context.set_principal("acme:" + call.directory->name + "/" + account->id);
  if (account->row.valid()) return {};
  return std::unexpected(with_status(
      make_refusal("unauthorized", "the account is deactivated", Code::kUnauthenticated), 401));
}

Result<void> read_payload(Call& call, const jose::Jws& jws, Payload wanted) {
  if (jws.payload.empty()) {
    if (wanted != Payload::kObject) return {};
    return malformed("the payload is empty, and this request needs an object");
  }
  if (wanted == Payload::kEmpty)
    return malformed(
        "this is read with an empty payload (POST-as-GET), which is \"\" and not \"{}\"");
  auto payload = jose::parse_json_object(jws.payload);
  if (!payload) return std::unexpected(error_of(payload.error()));
  call.payload = *std::move(payload);
  return {};
}

}  // namespace

Result<std::string> read_account_url(const Call& call, std::string_view url) {
  static constexpr std::string_view kAccounts = "acct/";
  const auto id_below = [&](std::string_view base) -> std::optional<std::string> {
    if (!url.starts_with(base) || !url.substr(base.size()).starts_with(kAccounts))
      return std::nullopt;
    return std::string(url.substr(base.size() + kAccounts.size()));
  };
  if (auto id = id_below(call.base)) return *std::move(id);
  for (const std::string& host : call.directory->row.hosts) {
    if (auto id = id_below("https://" + host + "/acme/" + call.directory->name + "/"))
      return *std::move(id);
  }
  return refuse("accountDoesNotExist",
                "accounts of this directory are at " + call.account_url("...") + ", not " +
                    printable(url, 256),
                Code::kInvalidArgument);
}

Result<jose::Jwk> read_key(const Call& call, const jose::Json& jwk) {
  auto key = jose::parse_jwk(jwk);
  if (!key) {
    const bool is_bad =
        key.error().code == Code::kRefused || key.error().code == Code::kUnsupported;
    return refuse(is_bad ? "badPublicKey" : "malformed", "jwk: " + key.error().detail,
                  Code::kInvalidArgument);
  }
  const auto mount = TRY(call.acme.directories.mount_scope(*call.directory));
  const auto blocked =
      TRY(call.acme.use.ca.blocked_keys().find(mount, ca::spki_fingerprint(key->key.spki())));
  if (blocked)
    return refuse("badPublicKey", "the key is blocked: " + blocked->reason, Code::kRefused);
  return key;
}

Error terms_required(const LoadedDirectory& directory) {
  const std::string& terms = directory.row.terms_of_service;
  Error error = make_refusal("userActionRequired",
                             "agree to the terms of service: " + terms + " (termsOfServiceAgreed)");
  return std::move(error).with("instance", terms).with("terms", terms);
}

Result<void> check_terms(const LoadedDirectory& directory, const Account& account) {
  const std::string& terms = directory.row.terms_of_service;
  if (terms.empty() || account.agreed_terms == terms) return {};
  return std::unexpected(terms_required(directory));
}

std::optional<http::Lane> lane_for(const Call& call, const crypto::PublicKey& key) {
  if (call.context.lane() || !key.slow_to_verify()) return std::nullopt;
  return http::Lane::kCpu;
}

Result<std::optional<http::Lane>> authenticate(Call& call, const Route& route, Nonces& nonces) {
  TRY(check_envelope(call.request));
  auto jws = jose::read_jws(call.request.body);
  if (!jws) return std::unexpected(error_of(jws.error()));
  TRY(check_algorithm(*jws));
  TRY(check_signer(*jws, route.by));
  TRY(check_url(call, *jws));
  TRY(redeem(call, *jws, nonces));
  if (jws->jwk) {
    // Whoever revokes because a key leaked must be heard, blocked key or not.
    if (route.by == Signed::kByEither) {
      auto key = jose::parse_jwk(*jws->jwk);
      if (!key) return refuse("badPublicKey", "jwk: " + key.error().detail, Code::kInvalidArgument);
      call.key = *std::move(key);
    } else {
      call.key = TRY(read_key(call, *jws->jwk));
    }
    if (const auto lane = lane_for(call, call.key->key)) return lane;
    TRY(check_signature(*jws, call.key->key));
  } else {
    const auto account = TRY(find_account(call, *jws));
    if (const auto lane = lane_for(call, account->key)) return lane;
    TRY(check_signature(*jws, account->key));
    TRY(let_in(call, account));
    if (route.needs_terms) TRY(check_terms(*call.directory, call.account->row));
  }
  TRY(read_payload(call, *jws, route.payload));
  call.jws = *std::move(jws);
  return std::nullopt;
}

}  // namespace chancery::acme
