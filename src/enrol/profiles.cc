#include "enrol/profiles.h"

#include <algorithm>
#include <map>

#include "access/grant_event.h"
#include "base/text.h"
#include "enrol/roles.h"

namespace chancery::enrol {
namespace {

record::StateKey profile_key(const record::Scope& scope, std::string_view name) {
  return {record::StateKind::kProfile, scope, std::string(name)};
}

Result<StoredProfile> decode_profile(const record::StateRow& row) {
  policy::Profile profile = TRY(policy::parse_profile(row.value));
  auto compiled = TRY(policy::compile(std::move(profile)));
  return StoredProfile{std::make_shared<const policy::CompiledProfile>(std::move(compiled)),
                       row.version};
}

using Shipped = std::map<std::string, std::shared_ptr<const StoredProfile>, std::less<>>;

const Shipped& shipped() {
  static const Shipped kAll = [] {
    Shipped all;
    for (const policy::Profile& profile : policy::shipped_profiles()) {
      auto compiled = policy::compile(profile);
      CHANCERY_CHECK(compiled.has_value());
      StoredProfile stored;
      stored.compiled = std::make_shared<const policy::CompiledProfile>(*std::move(compiled));
      all.emplace(profile.rules.name, std::make_shared<const StoredProfile>(std::move(stored)));
    }
    return all;
  }();
  return kAll;
}

std::unexpected<Error> refuse(Code code, std::string detail, std::string_view field) {
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("field", field));
}

Result<void> check_name(std::string_view name) {
  if (!is_role_name(name)) {
    return refuse(Code::kInvalidArgument,
                  "not a profile name: letters, digits and '_', with '-' and '.' between", "name");
  }
  if (!shipped().contains(name)) return {};
  return refuse(
      Code::kRefused,
      "the profile " + std::string(name) +
          " is part of the program; make one of another name with extends: " + std::string(name),
      "name");
}

}  // namespace

Profiles::Profiles(record::Store& store, policy::Limits limits, const Clock& clock,
                   std::size_t cache_capacity)
    : store_(store),
      limits_(limits),
      clock_(clock),
      cache_(record::StateKind::kProfile, store.state(), decode_profile, cache_capacity) {
  store.committer().observe(cache_);
}

Result<std::shared_ptr<const StoredProfile>> Profiles::find(const record::Scope& scope,
                                                            std::string_view name) {
  if (const auto found = shipped().find(name); found != shipped().end()) return found->second;
  return cache_.find(profile_key(scope, name));
}

Result<std::vector<std::string>> Profiles::list(const record::Scope& scope, std::string_view after,
                                                std::size_t limit) const {
  auto rows = TRY(store_.state().list(record::StateKind::kProfile, scope, after, limit));
  std::vector<std::string> names;
  for (record::StateRow& row : rows) names.push_back(std::move(row.key.id));
  for (auto it = shipped().upper_bound(after); it != shipped().end(); ++it) {
    names.push_back(it->first);
  }
  std::ranges::sort(names);
  if (names.size() > limit) names.resize(limit);
  return names;
}

Result<policy::Profile> Profiles::base(const record::Scope& scope, std::string_view name) {
  if (name.empty()) return policy::Profile{};
  const auto found = TRY(find(scope, name));
  if (!found) {
    return refuse(Code::kInvalidArgument, "there is no profile " + printable(name) + " to extend",
                  "extends");
  }
  policy::Profile profile = found->profile();
  profile.rules.name.clear();
  profile.extends = name;
  return profile;
}

// Prepared is a write that passed all checks.
struct Profiles::Prepared {
  Written written;
  record::StateKey key;
  record::WriteSet writes;  // the conditions, so far
};

Result<Profiles::Prepared> Profiles::prepare(const record::Scope& scope, policy::Profile profile,
                                             ExpectedVersion expected) const {
  TRY(check_name(profile.rules.name));
  std::vector<std::string> warnings = TRY(policy::check_profile(profile, limits_));
  Prepared prepared{.written = {}, .key = profile_key(scope, profile.rules.name), .writes = {}};
  const auto old = TRY(store_.state().get(prepared.key));
  TRY(expect(prepared.writes, prepared.key, old, expected, "profile"));
  prepared.written = {std::move(profile), std::move(warnings), old ? old->version + 1 : 1};
  return prepared;
}

Result<Profiles::Written> Profiles::preview(const record::Scope& scope, policy::Profile profile,
                                            ExpectedVersion expected) const {
  auto prepared = TRY(prepare(scope, std::move(profile), expected));
  return std::move(prepared.written);
}

Result<ca::Staged<Profiles::Written>> Profiles::put(const access::Grant& grant,
                                                    policy::Profile profile,
                                                    ExpectedVersion expected,
                                                    std::string_view request_id) {
  auto prepared = TRY(prepare(grant.scope(), std::move(profile), expected));
  const policy::Profile& checked = prepared.written.profile;
  Bytes document = policy::encode(checked);
  record::Event event = access::grant_event(grant, record::EventKind::kProfileWritten,
                                            checked.rules.name, request_id, clock_.now());
  event.details.push_back({"profile", std::string(as_text(document))});
  prepared.writes.append(event);
  prepared.writes.put(std::move(prepared.key), std::move(document));
  return ca::Staged<Written>(std::move(prepared.written), std::move(prepared.writes));
}

Result<ca::Staged<std::string>> Profiles::erase(const access::Grant& grant, std::string_view name,
                                                ExpectedVersion expected,
                                                std::string_view request_id) {
  TRY(check_name(name));
  record::StateKey key = profile_key(grant.scope(), name);
  const auto old = TRY(store_.state().get(key));
  if (!old) return refuse(Code::kNotFound, "no profile " + printable(name), "name");
  record::WriteSet writes;
  TRY(expect(writes, key, old, expected, "profile"));
  writes.append(access::grant_event(grant, record::EventKind::kProfileDeleted, name, request_id,
                                    clock_.now()));
  writes.erase(std::move(key));
  return ca::Staged<std::string>(std::string(name), std::move(writes));
}

}  // namespace chancery::enrol
