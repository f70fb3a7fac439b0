#include "acme/acme.h"

#include "access/grant_event.h"
#include "acme/rules.h"
#include "base/text.h"
#include "policy/check_names.h"

namespace chancery::acme {

Acme::Acme(const Use& u)
    : use(u),
      limits(u.store.state()),
      directories(u.store, u.mounts, u.clock, u.random),
      eabs(u.store, u.clock, u.random),
      accounts(u.store, eabs, u.clock, u.random),
      orders(u.store, limits, u.conduct, u.clock, u.random),
      validations(
          {u.store, directories, accounts, u.validator, u.background, u.clock, u.metrics, u.log}),
      finalizer({u.store, directories, accounts, orders, limits, u.ca, u.enrolment, u.validator,
                 u.background, u.clock, u.log}),
      revocations(u.store, u.ca, directories, orders),
      renewals(u.store, u.ca, directories, u.clock),
      sweep(u.store, directories, u.clock, u.log) {}

void Acme::tend() {
  validations.tend();
  finalizer.tend();
  sweep.tend();
}

Result<std::vector<Subproblem>> Acme::check_names(const LoadedDirectory& directory,
                                                  const ProfileChoice& choice,
                                                  const std::vector<Name>& names) const {
  const record::Scope mount = TRY(directories.mount_scope(directory));
  const auto rules = TRY(find_rules(use.enrolment, mount, choice));
  std::vector<Subproblem> problems;
  for (const Name& name : names) {
    policy::IssueRequest request;
    (name.is_ip() ? request.ip_sans : request.alt_names).push_back(name.text());
    const auto allowed = policy::check_names(*rules, request);
    if (allowed) continue;
    problems.push_back(
        {"rejectedIdentifier", allowed.error().detail, name.is_ip() ? "ip" : "dns", name.text()});
  }
  return problems;
}

Result<std::vector<Acme::Failed>> Acme::failures(const record::Scope& scope, std::string_view after,
                                                 std::size_t limit) const {
  const auto rows =
      TRY(use.store.state().list(record::StateKind::kAcmeFailures, scope, after, limit));
  std::vector<Failed> failed;
  for (const record::StateRow& row : rows)
    failed.push_back({row.key.id, TRY(access::decode_row<Failures>(row.value))});
  return failed;
}

Result<record::Staged<std::string>> Acme::unpause(const access::Grant& grant,
                                                  const LoadedDirectory& directory,
                                                  std::string_view id,
                                                  std::string_view request_id) const {
  const record::StateKey key{record::StateKind::kAcmeFailures, directory.scope(), std::string(id)};
  const auto present = TRY(use.store.state().get(key));
  if (!present) {
    return std::unexpected(
        Error{Code::kNotFound, "nothing failed for " + printable(id, 300), {}, {}}.with("field",
                                                                                        "name"));
  }
  record::WriteSet writes;
  writes.require_version(key, present->version);
  writes.erase(key);
  auto event =
      access::grant_event(grant, record::EventKind::kAcmeUnpaused, id, request_id, use.clock.now());
  event.scope = directory.scope();
  writes.append(event);
  return record::Staged<std::string>(std::string(id), std::move(writes));
}

}  // namespace chancery::acme
