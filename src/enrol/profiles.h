#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/time.h"
#include "ca/staged.h"
#include "enrol/expected_version.h"
#include "policy/profile.h"
#include "record/state_cache.h"
#include "record/store.h"

namespace chancery::enrol {

// StoredProfile is a profile as it is now. Shipped ones have no version: they change with the
// program.
struct StoredProfile {
  std::shared_ptr<const policy::CompiledProfile> compiled;
  std::uint64_t version = 0;
  [[nodiscard]] bool shipped() const { return version == 0; }
  [[nodiscard]] const policy::Profile& profile() const { return compiled->source; }
};

// Profiles keeps the profiles under which certificates are issued: those of the program and those
// that were stored. Thread-safe. Make it before the store's first commit: it registers its cache
// with the committer.
class Profiles {
 public:
  Profiles(record::Store& store, policy::Limits limits, const Clock& clock,
           std::size_t cache_capacity = 1024);

  // find returns a profile, or null when there is none. Errors: kUnavailable, kDataLoss.
  [[nodiscard]] Result<std::shared_ptr<const StoredProfile>> find(const record::Scope& scope,
                                                                  std::string_view name);
  // list returns names after `after` in byte order, shipped ones among them, at most `limit`. Reads
  // long: not on a reactor.
  [[nodiscard]] Result<std::vector<std::string>> list(const record::Scope& scope,
                                                      std::string_view after,
                                                      std::size_t limit) const;

  // base is what a profile that extends `name` begins with: all of its rules as they are now, under
  // no name. With "" it is a profile that allows nothing. Errors: kInvalidArgument (no such
  // profile).
  [[nodiscard]] Result<policy::Profile> base(const record::Scope& scope, std::string_view name);

  struct Written {
    policy::Profile profile;  // as stored: resolved by policy::check_profile
    std::vector<std::string> warnings;
    std::uint64_t version = 0;
  };
  // put stages a new profile or the replacement of one. Errors: those of policy::check_profile and
  // expect; kInvalidArgument (name), kRefused (a shipped profile's name).
  [[nodiscard]] Result<ca::Staged<Written>> put(const access::Grant& grant, policy::Profile profile,
                                                ExpectedVersion expected,
                                                std::string_view request_id);

  // preview says what put would store, and its errors, and stages nothing.
  [[nodiscard]] Result<Written> preview(const record::Scope& scope, policy::Profile profile,
                                        ExpectedVersion expected) const;

  // erase stages the removal; `expected` as in put. Profiles that extended this one are resolved
  // and stay as they are. Errors: kNotFound, kRefused (shipped), kConflict.
  [[nodiscard]] Result<ca::Staged<std::string>> erase(const access::Grant& grant,
                                                      std::string_view name,
                                                      ExpectedVersion expected,
                                                      std::string_view request_id);

  [[nodiscard]] const policy::Limits& limits() const { return limits_; }

 private:
  struct Prepared;
  [[nodiscard]] Result<Prepared> prepare(const record::Scope& scope, policy::Profile profile,
                                         ExpectedVersion expected) const;

  record::Store& store_;
  const policy::Limits limits_;
  const Clock& clock_;
  record::StateCache<StoredProfile> cache_;
};

}  // namespace chancery::enrol
