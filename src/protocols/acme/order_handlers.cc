#include <algorithm>
#include <charconv>
#include <set>

#include "acme/names.h"
#include "asn1/pem.h"
#include "base/text.h"
#include "protocols/acme/authenticate.h"
#include "protocols/acme/documents.h"
#include "protocols/acme/fields.h"
#include "protocols/acme/handlers.h"

namespace chancery::acme {
namespace {

Error not_found(std::string detail) {
  return make_refusal("malformed", std::move(detail), Code::kNotFound);
}

// Nobody learns of another account's rows whether they are there.
Result<OrderView> own_order(const Call& call) {
  if (call.variables.at(0) != call.account->id) {
    return refuse("unauthorized", "this order is another account's", Code::kPermissionDenied);
  }
  const std::string id = call.account->id + "/" + std::string(call.variables.at(1));
  auto order = TRY(call.acme.orders.find(call.scope(), id));
  if (!order) return std::unexpected(not_found("there is no such order"));
  return *std::move(order);
}

struct Identifiers {
  std::vector<Name> names;
  std::vector<Subproblem> problems;
};

Result<Identifiers> read_identifiers(const Call& call) {
  const jose::Json* const list = call.payload->find("identifiers");
  if (list == nullptr || !list->is(jose::Json::Kind::kArray) || list->items.empty())
    return malformed("\"identifiers\" has to be a list of at least one identifier");
  if (list->items.size() > call.directory->row.most_names) {
    return malformed("an order can have " + std::to_string(call.directory->row.most_names) +
                     " identifiers");
  }
  Identifiers read;
  std::set<std::string> seen;
  for (const jose::Json& item : list->items) {
    const std::string* const type = item.string("type");
    const std::string* const value = item.string("value");
    if (type == nullptr || value == nullptr)
      return malformed("an identifier is an object of two texts, \"type\" and \"value\"");
    auto name = read_name(*type, *value);
    if (!name) {
      read.problems.push_back({std::string(step_of(name.error(), kProblem)), name.error().detail,
                               printable(*type, 32), printable(*value, 255)});
    } else if (seen.insert(name->key()).second) {
      read.names.push_back(*std::move(name));
    }
  }
  return read;
}

http::Response refuse_names(const Call& call, const std::vector<Subproblem>& problems) {
  const bool same = std::ranges::all_of(
      problems, [&](const Subproblem& one) { return one.type == problems.front().type; });
  const std::string detail =
      problems.size() == 1
          ? problems.front().detail
          : std::to_string(problems.size()) +
                " identifiers cannot be had; the first: " + problems.front().detail;
  return failed(call, make_refusal(same ? problems.front().type : "compound", detail), problems);
}

Result<Orders::Wanted> read_wanted(const Call& call, std::vector<Name> names) {
  const jose::Json& payload = *call.payload;
  Orders::Wanted wanted;
  wanted.names = std::move(names);
  wanted.profile = TRY(text_field(payload, "profile")).value_or(std::string());
  const ProfileChoice* const choice = call.directory->choice(wanted.profile);
  const auto& allowed = call.account->row.bounds.profiles;
  const bool may = choice != nullptr &&
                   (allowed.empty() || std::ranges::find(allowed, choice->name) != allowed.end());
  if (!may && wanted.profile.empty() && !allowed.empty() &&
      call.directory->choice(allowed.front()) != nullptr) {
    wanted.profile = allowed.front();
  } else if (!may) {
    return refuse("invalidProfile",
                  "this account has no profile " + printable(wanted.profile, 64) +
                      "; the directory's meta.profiles lists what there is",
                  Code::kInvalidArgument);
  }
  wanted.not_before = TRY(time_field(payload, "notBefore"));
  wanted.not_after = TRY(time_field(payload, "notAfter"));
  const TimePoint now = call.acme.use.clock.now();
  if (wanted.not_after && *wanted.not_after <= now) return malformed("\"notAfter\" is in the past");
  if (wanted.not_before && wanted.not_after && *wanted.not_after <= *wanted.not_before)
    return malformed("\"notAfter\" is not after \"notBefore\"");
  wanted.replaces = TRY(text_field(payload, "replaces")).value_or(std::string());
  if (!wanted.replaces.empty()) {
    TRY(call.acme.renewals.replace(*call.directory, *call.account, call.acme.orders, wanted));
  }
  return wanted;
}

// FoundCertificate is an order's certificate and the id of who issued it.
struct FoundCertificate {
  std::string issuer;
  Bytes der;
};

// One that the inventory does not have stands beside its order for a while.
Result<FoundCertificate> kept_certificate(const Call& call, const OrderView& order) {
  const auto stored = TRY(call.acme.use.store.state().get(kept_key(call.scope(), order.id)));
  if (stored) {
    auto kept = TRY(access::decode_row<KeptCertificate>(stored->value));
    if (kept.until > call.acme.use.clock.now())
      return FoundCertificate{std::move(kept.issuer), std::move(kept.der)};
  }
  return std::unexpected(
      not_found("the certificate is not kept: where a profile has no_store, it can be fetched for "
                "a day"));
}

Result<FoundCertificate> certificate_of(const Call& call, const record::Scope& mount,
                                        const OrderView& order) {
  const Bytes serial = TRY(parse_hex(order.row.value.serial));
  auto stored = call.acme.use.ca.find(mount, serial);
  if (stored) return FoundCertificate{std::move(stored->row.issuer_id), std::move(stored->der)};
  if (stored.error().code != Code::kNotFound) return std::unexpected(stored.error());
  return kept_certificate(call, order);
}

// Those whose chains serve: the authority, and its mount's other certificates for the same name and
// key.
Result<std::vector<std::shared_ptr<const ca::Authority>>> issuers(const Call& call,
                                                                  const record::Scope& mount,
                                                                  const std::string& id) {
  auto own = TRY(call.acme.use.ca.authority(mount, id));
  std::vector<std::shared_ptr<const ca::Authority>> found{own};
  const auto all = TRY(call.acme.use.ca.authorities(mount));
  for (const auto& other : all) {
    if (other->id() != own->id() && own->status().covers(other->id())) found.push_back(other);
  }
  return found;
}

std::string chain_text(BytesView certificate, const ca::Authority& issuer) {
  std::string text = asn1::pem("CERTIFICATE", certificate);
  for (const std::string& above : issuer.below_root()) text.append(above).append("\n");
  return text;
}

// What is answered while an order waits for its certificate.
http::Response postponed(const Call& call, Finalizer::Claim& claim,
                         const std::optional<Error>& why = {}) {
  call.acme.finalizer.postpone(*call.directory, claim, why);
  return order_answer(call, 200, claim.order);
}

// Goes on with an order that is claimed.
http::Response make_certificate(const Call& call, const std::shared_ptr<Finalizer::Claim>& claim,
                                enrol::Thread thread) {
  if (claim->later != nullptr) return postponed(call, *claim);
  auto change = call.acme.finalizer.make(*call.directory, *call.account, claim->order,
                                         call.request.request_id, thread);
  if (!change) return postponed(call, *claim, change.error());
  if (!*change) return postponed(call, *claim);
  Ticket ticket = call.acme.use.store.committer().submit(std::move((*change)->writes));
  return http::Response::after_any(
      std::move(ticket), [call, claim, change = **std::move(change)](const auto& receipt) {
        if (!receipt) return postponed(call, *claim, receipt.error());
        return change.refusal ? failed(call, *change.refusal)
                              : order_answer(call, 200, change.order);
      });
}

}  // namespace

http::Response new_order(Call& call) {
  auto read = read_identifiers(call);
  if (!read) return failed(call, read.error());
  if (!read->problems.empty()) return refuse_names(call, read->problems);
  const auto problems = call.acme.orders.check(*call.directory, *call.account, read->names);
  if (!problems) return failed(call, problems.error());
  if (!problems->empty()) return refuse_names(call, *problems);
  const auto wanted = read_wanted(call, std::move(read->names));
  if (!wanted) return failed(call, wanted.error());
  const auto forbidden = call.acme.check_names(
      *call.directory, *call.directory->choice(wanted->profile), wanted->names);
  if (!forbidden) return failed(call, forbidden.error());
  if (!forbidden->empty()) return refuse_names(call, *forbidden);
  auto staged =
      call.acme.orders.create(*call.directory, *call.account, *wanted, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const Call& c, const OrderView& view) {
    return order_answer(c, 201, view);
  });
}

http::Response show_order(Call& call) {
  const auto order = own_order(call);
  return order ? order_answer(call, 200, *order) : failed(call, order.error());
}

http::Response finalize_order(Call& call) {
  const auto order = own_order(call);
  if (!order) return failed(call, order.error());
  const auto csr = octets_field(*call.payload, "csr");
  if (!csr) return failed(call, make_refusal("badCSR", csr.error().detail, Code::kMalformed));
  const auto thread = call.context.lane() ? enrol::Thread::kCpuLane : enrol::Thread::kReactor;
  auto claim = call.acme.finalizer.claim(*call.directory, *call.account, *order, *csr, thread);
  if (!claim) return failed(call, claim.error());
  if (!*claim) return http::Response::run_on(http::Lane::kCpu);
  auto held = std::make_shared<Finalizer::Claim>(**std::move(claim));
  Ticket ticket = call.acme.use.store.committer().submit(std::move(held->writes));
  return http::Response::after(
      std::move(ticket), [call, held, thread](const Result<Receipt>& receipt) {
        return receipt ? make_certificate(call, held, thread) : failed(call, receipt.error());
      });
}

http::Response show_certificate(Call& call) {
  const auto order = own_order(call);
  if (!order) return failed(call, order.error());
  std::size_t which = 0;
  if (call.variables.size() == 3) {
    const std::string_view text = call.variables.at(2);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), which);
    if (read.ptr != text.data() + text.size() || which == 0 || text.size() > 2)
      return failed(call, not_found("there is no such chain"));
  }
  if (order->status != Status::kValid)
    return failed(call, not_found("the order has no certificate"));
  const auto mount = call.acme.directories.mount_scope(*call.directory);
  if (!mount) return failed(call, mount.error());
  const auto found = certificate_of(call, *mount, *order);
  if (!found) return failed(call, found.error());
  const auto all = issuers(call, *mount, found->issuer);
  if (!all) return failed(call, all.error());
  if (which >= all->size()) return failed(call, not_found("there is no such chain"));
  http::Response response(200, "application/pem-certificate-chain",
                          chain_text(found->der, *all->at(which)));
  const std::string url = call.url("cert/" + order->id);
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (i == which) continue;
    const std::string other = i == 0 ? url : url + "/" + std::to_string(i);
    response = std::move(response).with_header("Link", "<" + other + ">;rel=\"alternate\"");
  }
  return response;
}

}  // namespace chancery::acme
