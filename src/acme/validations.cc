#include "acme/validations.h"

#include <algorithm>

#include "access/grant_event.h"
#include "acme/work.h"
#include "base/text.h"

namespace chancery::acme {
namespace {

constexpr seconds kStoreTrouble{15};
constexpr std::size_t kMaxDetail = 1024;

// 5, 10, 20 ... seconds, at most 5 minutes.
seconds back_off(std::uint32_t attempts) {
  const std::int64_t wait = std::int64_t{5} << std::min<std::uint32_t>(attempts, 6);
  return seconds{std::min<std::int64_t>(wait, 300)};
}

std::string task_name(std::string_view directory, std::string_view id) {
  return std::string(directory) + "/" + std::string(id);
}

std::optional<std::size_t> under_way(const Authorization& row) {
  for (std::size_t i = 0; i < row.challenges.size(); ++i) {
    if (row.challenges[i].state() == Status::kProcessing) return i;
  }
  return std::nullopt;
}

}  // namespace

std::string seen_text(const validation::Outcome& outcome) {
  std::string text;
  for (const validation::Observation& one : outcome.observations) {
    if (text.size() > kMaxDetail) break;
    text += (text.empty() ? "" : "; ") + one.target + ": " + one.seen;
  }
  return printable(text, kMaxDetail);
}

std::string_view problem_type(validation::Problem problem) {
  using enum validation::Problem;
  switch (problem) {
    case kConnection:
      return "connection";
    case kDns:
      return "dns";
    case kTls:
      return "tls";
    case kUnauthorized:
      return "unauthorized";
    case kIncorrectResponse:
      return "incorrectResponse";
    case kCaa:
      return "caa";
    case kNone:
    case kServerInternal:
      break;
  }
  return "serverInternal";
}

Validations::Validations(const Use& use)
    : use_(use),
      tasks_(use.background, use.clock, Background::Place::kOutbound,
             [this](const std::string& name, const OnLane& on_lane) { return run(name, on_lane); }),
      passed_(use.metrics.counter("chancery_acme_validations_total", "Challenges that were decided",
                                  R"(result="passed")")),
      failed_(use.metrics.counter("chancery_acme_validations_total", "Challenges that were decided",
                                  R"(result="failed")")) {}

void Validations::add(const LoadedDirectory& directory, std::string_view id) {
  tasks_.add(task_name(directory.name, id), owner_of(id));
}

void Validations::tend() {
  tasks_.tend();
  // One that waits for its next attempt is not hurried.
  each_work(use_.store.state(), use_.directories, "validation/",
            [&](const std::string& directory, const std::string& id) {
              tasks_.add_unless_known(task_name(directory, id), owner_of(id));
            });
}

std::optional<seconds> Validations::run(const std::string& name, const OnLane& on_lane) {
  const std::size_t slash = name.find('/');
  const auto directory = use_.directories.find(name.substr(0, slash));
  if (!directory) return kStoreTrouble;
  if (!*directory) return std::nullopt;
  const std::string id = name.substr(slash + 1);
  auto done = try_one(**directory, id, on_lane);
  if (done) return *done;
  use_.log.warning("a challenge could not be decided",
                   {{"authorization", id}, {"error", done.error().to_string()}});
  return kStoreTrouble;
}

validation::Outcome Validations::look(const LoadedDirectory& directory,
                                      const LoadedAccount& account, const Authorization& row,
                                      const Challenge& challenge, const OnLane& on_lane) {
  validation::Attempt attempt;
  attempt.method = challenge.kind();
  attempt.identifier = row.name.identifier();
  attempt.wildcard = row.name.wildcard;
  if (attempt.method != validation::Method::kDnsPersist01) {
    attempt.token = challenge.token;
    attempt.key_authorization = challenge.token + "." + account.row.thumbprint;
  }
  attempt.account_url = account.row.url;
  attempt.issuer_domains = directory.row.caa_identities;
  attempt.zone = directory.row.zone;
  auto outcome = use_.validator.validate(attempt, on_lane);
  if (!outcome.succeeded() || !directory.row.caa || row.name.is_ip()) return outcome;
  auto caa =
      use_.validator.check_caa({row.name.value, row.name.wildcard, challenge.kind(),
                                account.row.url, directory.row.caa_identities, directory.row.zone},
                               on_lane);
  caa.valid_until = outcome.valid_until;
  caa.observations.insert(caa.observations.begin(), outcome.observations.begin(),
                          outcome.observations.end());
  return caa;
}

Result<std::optional<seconds>> Validations::try_one(const LoadedDirectory& directory,
                                                    const std::string& id, const OnLane& on_lane) {
  const record::Scope scope = directory.scope();
  const record::StateKey key = authorization_key(scope, id);
  std::optional<validation::Outcome> outcome;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto stored = TRY(use_.store.state().get(key));
    record::WriteSet writes;
    std::optional<seconds> again;
    std::optional<std::size_t> index;
    if (stored) {
      Row<Authorization> row{TRY(access::decode_row<Authorization>(stored->value)),
                             stored->version};
      index = row.value.state(use_.clock.now()) == Status::kPending ? under_way(row.value)
                                                                    : std::nullopt;
      const auto account = TRY(use_.accounts.find(scope, owner_of(id)));
      if (!account || !account->row.valid()) index.reset();
      if (index) {
        if (!outcome)
          outcome = look(directory, *account, row.value, row.value.challenges[*index], on_lane);
        writes = TRY(judge(directory, id, std::move(row), *index, *outcome, again));
      }
    }
    if (!index) writes.erase(validation_work(scope, id));
    const auto receipt = use_.store.committer().submit(std::move(writes)).wait(on_lane);
    if (receipt) return again;
    if (receipt.error().code != Code::kConflict) return std::unexpected(receipt.error());
  }
  return std::optional<seconds>{kStoreTrouble};
}

Result<record::WriteSet> Validations::judge(const LoadedDirectory& directory, const std::string& id,
                                            Row<Authorization> row, std::size_t index,
                                            const validation::Outcome& outcome,
                                            std::optional<seconds>& again) {
  const record::Scope scope = directory.scope();
  const TimePoint now = use_.clock.now();
  Authorization& authorization = row.value;
  Challenge& challenge = authorization.challenges[index];
  ++challenge.attempts;
  record::WriteSet writes;
  writes.require_version(authorization_key(scope, id), row.version);
  const access::Grant grant = TRY(directory.own(owner_of(id)));
  const std::string seen = seen_text(outcome);
  auto event = access::grant_event(grant, record::EventKind::kAcmeValidated, id, {}, now);
  event.details = {{"method", std::string(validation::name(challenge.kind()))},
                   {"name", authorization.name.text()},
                   {"seen", seen}};
  if (outcome.succeeded()) {
    challenge.become(Status::kValid);
    challenge.validated = now;
    challenge.error = {};
    authorization.become(Status::kValid);
    authorization.expires = now + directory.row.reuse;
    if (outcome.valid_until)
      authorization.expires = std::min(authorization.expires, *outcome.valid_until);
    if (directory.row.caa) authorization.caa_checked = now;
    writes.erase(failures_key(scope, owner_of(id), authorization.name));
    writes.erase(validation_work(scope, id));
    writes.append(event);
    passed_.add();
  } else {
    challenge.error = {std::string(problem_type(outcome.problem)),
                       printable(outcome.detail, kMaxDetail)};
    const bool ours = outcome.problem == validation::Problem::kServerInternal;
    if ((outcome.may_pass_later || ours) && challenge.attempts < directory.row.attempts) {
      again = back_off(challenge.attempts - 1);
    } else {
      challenge.become(Status::kInvalid);
      authorization.become(Status::kInvalid);
      writes.erase(validation_work(scope, id));
      event.kind = record::EventKind::kAcmeValidationFailed;
      event.details.push_back({"problem", challenge.error.type});
      event.details.push_back({"detail", challenge.error.detail});
      writes.append(event);
      // Our own faults are not the client's.
      if (!ours) TRY(count_failure(directory, id, authorization.name, challenge.error, writes));
      failed_.add();
    }
  }
  tell(directory, id, authorization, challenge, seen);
  writes.put(authorization_key(scope, id), access::encode_row(authorization));
  return writes;
}

Result<void> Validations::count_failure(const LoadedDirectory& directory, const std::string& id,
                                        const Name& name, const Fault& fault,
                                        record::WriteSet& writes) const {
  const record::Scope scope = directory.scope();
  const record::StateKey key = failures_key(scope, owner_of(id), name);
  const auto stored = TRY(use_.store.state().get(key));
  Failures failures;
  if (stored) {
    failures = TRY(access::decode_row<Failures>(stored->value));
    writes.require_version(key, stored->version);
  } else {
    writes.require_absent(key);
  }
  const TimePoint now = use_.clock.now();
  ++failures.count;
  failures.latest = now;
  failures.detail = fault.type + ": " + fault.detail;
  if (directory.row.pause_after > 0 && failures.count >= directory.row.pause_after) {
    if (!failures.paused) {
      const access::Grant grant = TRY(directory.own(owner_of(id)));
      auto event = access::grant_event(grant, record::EventKind::kAcmePaused, key.id, {}, now);
      event.details = {{"failures", std::to_string(failures.count)}, {"name", name.text()}};
      writes.append(event);
    }
    failures.paused = now;
  }
  writes.put(key, access::encode_row(failures));
  return {};
}

void Validations::tell(const LoadedDirectory& directory, const std::string& id,
                       const Authorization& row, const Challenge& challenge,
                       std::string_view seen) {
  use_.log.info("validation attempt", {{"directory", directory.name},
                                       {"authorization", id},
                                       {"name", row.name.text()},
                                       {"method", validation::name(challenge.kind())},
                                       {"result", name(challenge.state())},
                                       {"detail", challenge.error.detail},
                                       {"seen", seen}});
}

}  // namespace chancery::acme
