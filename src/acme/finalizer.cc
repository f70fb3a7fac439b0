#include "acme/finalizer.h"

#include <algorithm>
#include <array>
#include <set>

#include "access/grant_event.h"
#include "acme/domain_limit.h"
#include "acme/rules.h"
#include "acme/validations.h"
#include "acme/work.h"
#include "base/text.h"
#include "ca/blocked_keys.h"
#include "crypto/weak_key.h"
#include "enrol/client_request.h"
#include "x509/general_name.h"

namespace chancery::acme {
namespace {

constexpr seconds kLater{15};
// A CAA answer is good for so long (CA/B Baseline Requirements, 4.2.2.1).
constexpr seconds kCaaAge{8 * 3600};
// All CAA look-ups of an order together; the one under way then has its own deadline.
constexpr seconds kCaaTime{60};
// For so long a certificate can be fetched that the inventory does not keep.
constexpr seconds kKept{86'400};

std::unexpected<Error> bad_csr(std::string detail) { return refuse("badCSR", std::move(detail)); }

Result<std::string> name_key(const x509::GeneralName& general) {
  using Kind = x509::GeneralName::Kind;
  if (general.kind() == Kind::kDns) return "dns:" + to_lower(general.text());
  if (general.kind() == Kind::kIp) return "ip:" + x509::ip_to_string(general.octets());
  return bad_csr("the request names " + printable(general.to_string(), 128) +
                 ", and an order has host names and addresses only");
}

// The names of an issued certificate are those of its order, whatever a profile makes of a request.
bool names_exactly(const x509::Certificate& certificate, const std::vector<Name>& names) {
  std::set<std::string> ordered;
  for (const Name& name : names) ordered.insert(name.key());
  std::set<std::string> issued;
  for (const x509::GeneralName& general : certificate.subject_alt_names()) {
    const auto key = name_key(general);
    if (!key) return false;
    issued.insert(*key);
  }
  return issued == ordered;
}

// Where a request names a host in its subject alone, that is one of its names (RFC 8555
// section 7.4).
Result<std::set<std::string>> names_of(const x509::CertificationRequest& request) {
  std::set<std::string> names;
  for (const x509::GeneralName& general : request.subject_alt_names())
    names.insert(TRY(name_key(general)));
  const auto common_names = request.subject().all(x509::attribute_type("CN").value());
  for (const std::string& common_name : common_names) {
    const auto address = x509::parse_ip(common_name);
    names.insert(address ? "ip:" + x509::ip_to_string(*address) : "dns:" + to_lower(common_name));
  }
  return names;
}

// Whether the request's extension names all that is ordered, so that its subject adds nothing.
bool lists_all(const x509::CertificationRequest& request, const std::vector<Name>& names) {
  std::set<std::string> listed;
  for (const x509::GeneralName& general : request.subject_alt_names()) {
    if (const auto key = name_key(general)) listed.insert(*key);
  }
  return std::ranges::all_of(names, [&](const Name& name) { return listed.contains(name.key()); });
}

// Which errors of issuing are the fault of the request alone, so that another one can do.
bool blames_request(const Error& error) {
  static constexpr std::array kOfKeys{"weak_key", "blocked_key", "keys",
                                      "key_type", "key_bits",    "proof_of_possession"};
  return error.code == Code::kMalformed ||
         std::ranges::find(kOfKeys, step_of(error, "rule")) != kOfKeys.end();
}

// One name for an order in the program's own tasks.
std::string task_name(const LoadedDirectory& directory, const OrderView& order) {
  return directory.name + "/" + order.id;
}

// Writes an order as it became, and makes the view what is read after that.
void change_order(const record::Scope& scope, OrderView& order, record::WriteSet& writes) {
  const record::StateKey key = order_key(scope, order.id);
  writes.require_version(key, order.row.version);
  writes.put(key, access::encode_row(order.row.value));
  order.row.version += 1;
  order.status = order.row.value.stored();
  order.error = order.row.value.error;
}

bool is_refusal(const Error& error) {
  return error.code == Code::kRefused || error.code == Code::kInvalidArgument ||
         error.code == Code::kMalformed || error.code == Code::kPermissionDenied ||
         error.code == Code::kUnsupported;
}

}  // namespace

Result<x509::CertificationRequest> check_request(const std::vector<Name>& names,
                                                 const Account& account, BytesView csr) {
  auto request = x509::CertificationRequest::parse(csr);
  if (!request) return bad_csr("the request cannot be read: " + request.error().detail);
  if (equal(request->spki(), account.spki))
    return bad_csr("the certificate's key must not be the account's");
  if (const auto sound = crypto::check_weak_key(request->public_key()); !sound)
    return bad_csr(sound.error().detail);
  const auto& constraints = request->extensions().basic_constraints;
  if (constraints && constraints->ca)
    return bad_csr("the request asks for the certificate of an authority (basicConstraints CA)");
  const auto asked = TRY(names_of(*request));
  std::set<std::string> ordered;
  for (const Name& name : names) ordered.insert(name.key());
  for (const std::string& name : ordered) {
    if (!asked.contains(name))
      return bad_csr("the request does not name " + name.substr(name.find(':') + 1));
  }
  for (const std::string& name : asked) {
    if (!ordered.contains(name)) {
      return bad_csr("the request names " + printable(name.substr(name.find(':') + 1), 128) +
                     ", which the order does not have");
    }
  }
  return request;
}

Finalizer::Finalizer(const Use& use)
    : use_(use),
      looking_(use.background, use.clock, Background::Place::kOutbound,
               [this](const std::string& name, const OnLane& on_lane) {
                 return run(name, &Finalizer::step_caa, on_lane);
               }),
      signing_(use.background, use.clock, Background::Place::kCpu,
               [this](const std::string& name, const OnLane& on_lane) {
                 return run(name, &Finalizer::step_sign, on_lane);
               }) {}

Result<std::vector<AuthorizationView>> Finalizer::stale_caa(const LoadedDirectory& directory,
                                                            const Order& order) const {
  std::vector<AuthorizationView> stale;
  if (!directory.row.caa) return stale;
  const TimePoint now = use_.clock.now();
  const record::Scope scope = directory.scope();
  for (const std::string& id : order.authorizations) {
    auto found = TRY(use_.orders.find_authorization(scope, id));
    if (!found || found->row.value.name.is_ip()) continue;
    const auto& checked = found->row.value.caa_checked;
    if (!checked || *checked + kCaaAge <= now) stale.push_back(*std::move(found));
  }
  return stale;
}

validation::Outcome Finalizer::ask_caa(const Claimed& claimed, const Authorization& row,
                                       const OnLane& on_lane) {
  validation::CaaQuestion question;
  question.name = row.name.value;
  question.wildcard = row.name.wildcard;
  for (const Challenge& challenge : row.challenges) {
    if (challenge.state() == Status::kValid) question.method = challenge.kind();
  }
  question.account_url = claimed.account->row.url;
  question.issuer_domains = claimed.directory->row.caa_identities;
  question.zone = claimed.directory->row.zone;
  auto outcome = use_.validator.check_caa(question, on_lane);
  use_.log.info("CAA check", {{"directory", claimed.directory->name},
                              {"order", claimed.order.id},
                              {"name", row.name.text()},
                              {"detail", outcome.detail},
                              {"seen", seen_text(outcome)}});
  return outcome;
}

Result<void> Finalizer::recheck_caa(const Claimed& claimed,
                                    const std::vector<AuthorizationView>& stale,
                                    record::WriteSet& writes, const OnLane& on_lane) {
  const TimePoint began = use_.clock.now();
  for (std::size_t i = 0; i < stale.size(); ++i) {
    Row<Authorization> row = stale[i].row;
    if (use_.clock.now() >= began + kCaaTime) {
      return refuse("dns", "looking up the CAA records of the order's names took longer than " +
                               std::to_string(kCaaTime.count()) + " s: " + std::to_string(i) +
                               " of " + std::to_string(stale.size()) +
                               " were read, and the next one was to be " + row.value.name.text() +
                               "; order again, which goes on from there, and see why the name "
                               "servers are slow");
    }
    const auto outcome = ask_caa(claimed, row.value, on_lane);
    if (outcome.problem == validation::Problem::kServerInternal)
      return fail(Code::kUnavailable, outcome.detail);
    if (!outcome.succeeded())
      return refuse(problem_type(outcome.problem), row.value.name.text() + ": " + outcome.detail);
    row.value.caa_checked = use_.clock.now();
    const record::StateKey key = authorization_key(claimed.directory->scope(), stale[i].id);
    writes.require_version(key, row.version);
    writes.put(key, access::encode_row(row.value));
  }
  return {};
}

Result<void> Finalizer::commit(Change change, const OnLane& on_lane) {
  TRY(use_.store.committer().submit(std::move(change.writes)).wait(on_lane));
  return {};
}

Result<std::optional<Finalizer::Claim>> Finalizer::claim(const LoadedDirectory& directory,
                                                         const LoadedAccount& account,
                                                         const OrderView& order, BytesView csr,
                                                         enrol::Thread thread) {
  if (order.status != Status::kReady) {
    return refuse("orderNotReady", "the order is " + std::string(name(order.status)) +
                                       (order.error ? ": " + order.error.detail : std::string()));
  }
  const auto request = TRY(check_request(order.row.value.names, account.row, csr));
  const record::Scope mount = TRY(use_.directories.mount_scope(directory));
  const std::string print = ca::spki_fingerprint(request.spki());
  if (const auto blocked = TRY(use_.ca.blocked_keys().find(mount, print)))
    return bad_csr("the key is blocked: " + blocked->reason);
  const ProfileChoice* const choice = directory.choice(order.row.value.profile);
  if (choice == nullptr) return refuse("invalidProfile", "the profile is not offered any more");
  const auto rules = TRY(find_rules(use_.enrolment, mount, *choice));
  const std::string& issuer =
      directory.row.issuer.empty() ? rules->rules().issuer_ref : directory.row.issuer;
  const auto authority = TRY(enrol::issuing_authority(use_.ca, mount, issuer));
  TRY(use_.ca.may_issue());

  Claim claim;
  if (!TRY(stale_caa(directory, order.row.value)).empty()) {
    claim.later = &looking_;
  } else if (authority->slow()) {
    claim.later = &signing_;
  }
  if (thread == enrol::Thread::kReactor && request.public_key().slow_to_verify())
    return std::nullopt;
  if (claim.later != nullptr) {
    // Whoever issues checks this; but then nobody is there any more to be told.
    if (const auto proven = enrol::prove_possession(request); !proven)
      return bad_csr(proven.error().detail);
  }
  TRY(spend_domains(use_.limits, directory.row, order.row.value.names, use_.clock.now(),
                    claim.writes));

  // Held, so that what looks after forgotten orders lets it alone.
  const std::string task = task_name(directory, order);
  if (looking_.knows(task) || !signing_.hold(task))
    return refuse("orderNotReady", "the order is being finalized by another request");
  claim.hold = std::shared_ptr<void>(nullptr, [this, task](void*) { signing_.release(task); });
  const record::Scope scope = directory.scope();
  claim.writes.require_version(account_key(scope, account.id), account.version);
  for (std::size_t i = 0; i < order.authorizations.size(); ++i) {
    claim.writes.require_version(authorization_key(scope, order.row.value.authorizations.at(i)),
                                 order.authorizations[i].version);
  }
  claim.writes.put(finalize_work(scope, order.id), {});
  claim.order = order;
  claim.order.row.value.become(Status::kProcessing);
  claim.order.row.value.csr = to_bytes(csr);
  change_order(scope, claim.order, claim.writes);
  return claim;
}

void Finalizer::postpone(const LoadedDirectory& directory, Claim& claim,
                         const std::optional<Error>& why) {
  const OrderView& order = claim.order;
  if (why) {
    use_.log.warning("an order waits for its certificate",
                     {{"order", order.id}, {"error", why->to_string()}});
  }
  claim.hold.reset();
  (claim.later != nullptr ? *claim.later : signing_)
      .add(task_name(directory, order), owner_of(order.id));
}

Result<std::optional<Finalizer::Change>> Finalizer::make(const LoadedDirectory& directory,
                                                         const LoadedAccount& account,
                                                         const OrderView& order,
                                                         std::string_view request_id,
                                                         enrol::Thread thread) {
  const record::Scope scope = directory.scope();
  const record::Scope mount = TRY(use_.directories.mount_scope(directory));
  const Order& row = order.row.value;
  const ProfileChoice* const choice = directory.choice(row.profile);
  if (choice == nullptr) {
    return give_up(directory, order,
                   make_refusal("invalidProfile", "the profile is not offered any more"),
                   request_id);
  }
  const bool by_role = choice->rules.starts_with("role/");
  const std::string rules = choice->rules.substr(choice->rules.find('/') + 1);
  auto grant = directory.in_mount(account.id, mount, (by_role ? "sign/" : "sign-profile/") + rules);
  if (!grant) return give_up(directory, order, grant.error(), request_id);

  enrol::EnrolRequest request;
  (by_role ? request.role : request.profile) = rules;
  request.issuer_ref = directory.row.issuer;
  const auto csr = TRY(x509::CertificationRequest::parse(BytesView(row.csr)));
  request.key = enrol::ClientKey{csr};
  // An address as the common name would become a host name otherwise.
  request.content.exclude_cn_from_sans = lists_all(csr, row.names);
  // For profiles that do not take names from a request.
  for (const Name& name : row.names)
    (name.is_ip() ? request.content.ip_sans : request.content.alt_names).push_back(name.text());
  request.content.not_before = row.not_before;
  request.content.not_after = row.not_after;
  const seconds most = account.row.bounds.max_lifetime;
  if (most > seconds{0}) {
    const TimePoint begin = row.not_before.value_or(use_.clock.now());
    const auto found = TRY(find_rules(use_.enrolment, mount, *choice));
    seconds usual = found->rules().ttl;
    if (usual.count() == 0) usual = use_.enrolment.roles().limits(mount).default_ttl;
    if (row.not_after) {
      request.content.not_after = std::min(*row.not_after, begin + most);
    } else if (row.not_before) {
      request.content.not_after = begin + std::min(usual, most);
    } else if (usual > most) {
      request.content.ttl = most;
    }
  }
  auto enrolled = use_.enrolment.enrol(*std::move(grant), request, thread, request_id);
  if (!enrolled) {
    if (is_refusal(enrolled.error()))
      return give_up(directory, order, enrolled.error(), request_id);
    return std::unexpected(enrolled.error());
  }
  if (!*enrolled) return std::nullopt;
  ca::Staged<ca::Issued>& staged = (*enrolled)->issued;

  bool as_ordered = false;
  staged.extend([&](const ca::Issued& issued, record::WriteSet&) {
    as_ordered = names_exactly(issued.certificate, row.names);
  });
  if (!as_ordered) {
    return give_up(directory, order,
                   make_refusal("rejectedIdentifier", "the profile " + choice->rules +
                                                          " does not give a certificate exactly "
                                                          "the names of its order"),
                   request_id);
  }
  OrderView done = order;
  Order& made = done.row.value;
  made.become(Status::kValid);
  made.csr.clear();
  staged.extend([&](const ca::Issued& issued, record::WriteSet& writes) {
    made.serial = hex(issued.certificate.serial());
    made.certificate_ends = issued.certificate.not_after();
    // Whoever is deactivated meanwhile gets nothing.
    writes.require_version(account_key(scope, account.id), account.version);
    const OwnCertificate own{account.id, order.id, {}, issued.certificate.not_after()};
    writes.put(certificate_key(scope, made.serial), access::encode_row(own));
    if (!issued.stored) {
      const KeptCertificate kept{issued.authority->id(), to_bytes(issued.certificate.der()),
                                 use_.clock.now() + kKept};
      writes.put(kept_key(scope, order.id), access::encode_row(kept));
    }
    writes.erase(finalize_work(scope, order.id));
  });
  Change change{std::move(done), std::move(staged.writes()), {}};
  change_order(scope, change.order, change.writes);
  return change;
}

// The order goes back to where it was when another request can do, else it is invalid.
Result<Finalizer::Change> Finalizer::give_up(const LoadedDirectory& directory,
                                             const OrderView& order, const Error& why,
                                             std::string_view request_id) const {
  const record::Scope scope = directory.scope();
  Change change{order, {}, {}};
  Order& row = change.order.row.value;
  row.csr.clear();
  change.writes.erase(finalize_work(scope, order.id));
  Error problem = why;
  if (step_of(why, kProblem).empty()) {
    problem = make_refusal(blames_request(why) ? "badCSR" : "rejectedIdentifier", why.detail);
    for (const Context& step : why.where) problem.where.push_back(step);
  }
  const std::string type(step_of(problem, kProblem));
  if (type == "badCSR") {
    row.become(Status::kPending);
  } else {
    row.become(Status::kInvalid);
    row.error = {type, problem.detail};
    const access::Grant grant = TRY(directory.own(owner_of(order.id)));
    auto event = access::grant_event(grant, record::EventKind::kAcmeOrderFailed, order.id,
                                     request_id, use_.clock.now());
    event.details = {{"detail", printable(problem.detail, 1024)}, {"problem", type}};
    change.writes.append(event);
  }
  change_order(scope, change.order, change.writes);
  change.refusal = std::move(problem);
  return change;
}

Result<std::optional<Finalizer::Claimed>> Finalizer::find_claimed(const std::string& name,
                                                                  const OnLane& on_lane) {
  const std::size_t slash = name.find('/');
  auto directory = TRY(use_.directories.find(name.substr(0, slash)));
  if (!directory) return std::nullopt;
  const std::string id = name.substr(slash + 1);
  auto order = TRY(use_.orders.find(directory->scope(), id));
  auto account = TRY(use_.accounts.find(directory->scope(), owner_of(id)));
  if (!order || !account || order->status != Status::kProcessing) {
    record::WriteSet writes;
    writes.erase(finalize_work(directory->scope(), id));
    TRY(use_.store.committer().submit(std::move(writes)).wait(on_lane));
    return std::nullopt;
  }
  if (account->row.valid())
    return Claimed{std::move(directory), std::move(account), *std::move(order)};
  const Error why = make_refusal("unauthorized", "the account is deactivated");
  auto given_up = TRY(give_up(*directory, *order, why, {}));
  TRY(commit(std::move(given_up), on_lane));
  return std::nullopt;
}

Result<void> Finalizer::step_caa(const std::string& name, const Claimed& claimed,
                                 const OnLane& on_lane) {
  const auto stale = TRY(stale_caa(*claimed.directory, claimed.order.row.value));
  record::WriteSet writes;
  const auto checked = recheck_caa(claimed, stale, writes, on_lane);
  // What passed need not be asked again, now or for the next order.
  if (!writes.changes.empty()) TRY(use_.store.committer().submit(std::move(writes)).wait(on_lane));
  if (checked) {
    signing_.add(name, claimed.account->id);
    return {};
  }
  if (step_of(checked.error(), kProblem).empty()) return checked;
  auto given_up = TRY(give_up(*claimed.directory, claimed.order, checked.error(), {}));
  return commit(std::move(given_up), on_lane);
}

Result<void> Finalizer::step_sign(const std::string& name, const Claimed& claimed,
                                  const OnLane& on_lane) {
  if (!TRY(stale_caa(*claimed.directory, claimed.order.row.value)).empty()) {
    looking_.add_unless_known(name, claimed.account->id);
    return {};
  }
  auto change =
      TRY(make(*claimed.directory, *claimed.account, claimed.order, {}, enrol::Thread::kCpuLane));
  if (!change) return fail(Code::kInternal, "issuing on a lane did not come to an end");
  return commit(*std::move(change), on_lane);
}

std::optional<seconds> Finalizer::run(const std::string& name, Step step, const OnLane& on_lane) {
  const auto go_on = [&]() -> Result<void> {
    const auto claimed = TRY(find_claimed(name, on_lane));
    return claimed ? (this->*step)(name, *claimed, on_lane) : Result<void>();
  };
  const auto done = go_on();
  if (done || !step_of(done.error(), kProblem).empty()) return std::nullopt;
  if (done.error().code == Code::kConflict) return seconds{0};
  use_.log.warning("an order waits for its certificate",
                   {{"order", name}, {"error", done.error().to_string()}});
  return kLater;
}

void Finalizer::tend() {
  looking_.tend();
  signing_.tend();
  each_work(use_.store.state(), use_.directories, "finalize/",
            [&](const std::string& directory, const std::string& id) {
              const std::string name = directory + "/" + id;
              if (!looking_.knows(name)) signing_.add_unless_known(name, owner_of(id));
            });
}

}  // namespace chancery::acme
