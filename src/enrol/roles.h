#pragma once

#include <functional>
#include <memory>
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

// is_role_name: letters, digits, '_' at both ends, also '-' and '.' between; at most 255
// characters. Vault's rule, and what authorities may be called in a path.
[[nodiscard]] bool is_role_name(std::string_view name);

// Roles keeps the roles under which certificates are issued. Thread-safe. Make it before the
// store's first commit: it registers its cache with the committer.
class Roles {
 public:
  Roles(record::Store& store, policy::Limits limits, const Clock& clock,
        std::size_t cache_capacity = 4096);

  // find returns a role, or null when there is none. Errors: kUnavailable, kDataLoss.
  [[nodiscard]] Result<std::shared_ptr<const policy::Role>> find(const record::Scope& scope,
                                                                 std::string_view name);
  // find_compiled returns the same role ready to issue under.
  [[nodiscard]] Result<std::shared_ptr<const policy::CompiledProfile>> find_compiled(
      const record::Scope& scope, std::string_view name);
  // read returns a role as the store has it, with its version; nothing when there is none. Not for
  // issuing: it parses each time.
  struct Stored {
    policy::Role role;
    std::uint64_t version = 0;
  };
  [[nodiscard]] Result<std::optional<Stored>> read(const record::Scope& scope,
                                                   std::string_view name) const;
  // list returns names after `after` in byte order, at most `limit`. Reads long: not on a reactor.
  [[nodiscard]] Result<std::vector<std::string>> list(const record::Scope& scope,
                                                      std::string_view after,
                                                      std::size_t limit) const;

  struct Written {
    policy::Role role;  // as stored: resolved by policy::check_role
    std::vector<std::string> warnings;
    std::uint64_t version = 0;
  };
  // check resolves a role as put would, and gives its errors and warnings.
  [[nodiscard]] Result<std::vector<std::string>> check(const record::Scope& scope,
                                                       policy::Role& role) const;
  // preview says what put would store, and its errors, and stages nothing.
  [[nodiscard]] Result<Written> preview(const record::Scope& scope, policy::Role role,
                                        ExpectedVersion expected) const;
  // put stages a new role or the replacement of one. Errors: those of policy::check_role and
  // expect; kInvalidArgument (name).
  [[nodiscard]] Result<ca::Staged<Written>> put(const access::Grant& grant, policy::Role role,
                                                std::string_view request_id,
                                                ExpectedVersion expected = {});

  enum class Erased : std::uint8_t { kErased, kWasAbsent };
  // erase stages the removal of a role; of an absent one it stages nothing. Errors: those of
  // expect.
  [[nodiscard]] Result<ca::Staged<Erased>> erase(const access::Grant& grant, std::string_view name,
                                                 std::string_view request_id,
                                                 ExpectedVersion expected = {});

  // use_limits gives each mount its own; before the first request. Without, all have the ones made
  // with.
  using LimitsOf = std::function<policy::Limits(const record::Scope&)>;
  void use_limits(LimitsOf limits) { limits_of_ = std::move(limits); }
  [[nodiscard]] policy::Limits limits(const record::Scope& scope) const {
    return limits_of_ ? limits_of_(scope) : limits_;
  }
  [[nodiscard]] const policy::Limits& default_limits() const { return limits_; }

 private:
  struct Prepared;
  [[nodiscard]] Result<Prepared> prepare(const record::Scope& scope, policy::Role role,
                                         ExpectedVersion expected) const;

  record::Store& store_;
  const policy::Limits limits_;
  LimitsOf limits_of_;
  const Clock& clock_;
  record::StateCache<policy::CompiledProfile> cache_;
};

}  // namespace chancery::enrol
