#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ca/authority.h"
#include "record/store.h"

namespace chancery::ca {

// AuthorityDirectory keeps the snapshots of all authorities in use, a list a scope, and drops a
// scope's list when a commit changes one of its authorities. Thread-safe.
class AuthorityDirectory final : public record::CommitObserver {
 public:
  using List = std::vector<std::shared_ptr<const Authority>>;

  AuthorityDirectory(const record::StateReader& reader, const keys::KeyStore& keys)
      : reader_(reader), keys_(keys) {}

  // list returns a scope's authorities, the default first.
  [[nodiscard]] Result<std::shared_ptr<const List>> list(const record::Scope& scope);
  // find takes "default", a name or an id. Errors: kNotFound.
  [[nodiscard]] Result<std::shared_ptr<const Authority>> find(const record::Scope& scope,
                                                              std::string_view ref);

  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  [[nodiscard]] Result<std::shared_ptr<const List>> load(const record::Scope& scope);
  [[nodiscard]] Result<std::shared_ptr<const keys::Signer>> signer(const std::string& key_id);

  const record::StateReader& reader_;
  const keys::KeyStore& keys_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::map<std::string, std::shared_ptr<const List>, std::less<>> lists_;  // by tenant NUL mount
  std::map<std::string, std::shared_ptr<const keys::Signer>, std::less<>> signers_;
};

}  // namespace chancery::ca
