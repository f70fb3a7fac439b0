#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/acl.h"
#include "record/staged.h"
#include "record/state_cache.h"

namespace chancery::access {

// Policies keeps the policies of a tenant, and what sets of them allow together. Thread-safe. Make
// it before the store's first commit: it registers its caches with the committer.
//
// "root" is built in and cannot be read as text, written or removed; "default" is built in and can
// be replaced, not removed.
class Policies final : private record::CommitObserver {
 public:
  explicit Policies(record::Store& store, const Clock& clock, std::size_t cache_capacity = 4096);

  // find returns a policy, or null. Errors: kUnavailable, kDataLoss.
  [[nodiscard]] Result<std::shared_ptr<const Policy>> find(std::string_view tenant,
                                                           std::string_view name);
  // list returns all names, "default" and "root" among them, in byte order. Not on a reactor.
  [[nodiscard]] Result<std::vector<std::string>> list(std::string_view tenant) const;

  struct Written {
    Policy policy;
    std::vector<std::string> warnings;
  };
  // put stages a new policy or the replacement of one; the name is made lower case. Errors: those
  // of parse_policy; kInvalidArgument (name; "root").
  [[nodiscard]] Result<record::Staged<Written>> put(const Grant& grant, std::string_view name,
                                                    std::string_view text,
                                                    std::string_view request_id);
  // erase stages the removal; of an absent policy it stages nothing. Errors: kInvalidArgument
  // (built in).
  [[nodiscard]] Result<record::Staged<bool>> erase(const Grant& grant, std::string_view name,
                                                   std::string_view request_id);

  // acl is what the named policies allow together. A name without a policy allows nothing. Errors:
  // kUnavailable, kDataLoss.
  [[nodiscard]] Result<std::shared_ptr<const Acl>> acl(std::string_view tenant,
                                                       std::span<const std::string> names);

 private:
  void committed(std::span<const record::CommittedSet> batch) override;
  [[nodiscard]] record::WriteSet change(const Grant& grant, record::EventKind kind,
                                        const std::string& name, std::string_view text,
                                        std::string_view request_id) const;

  record::Store& store_;
  const Clock& clock_;
  const std::size_t capacity_;
  record::StateCache<Policy> policies_;

  // Compiled sets, by tenant and names; all go when any policy changes.
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const Acl>> acls_;
};

}  // namespace chancery::access
