#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ca/authority.h"
#include "ca/chains.h"
#include "ca/mount_settings.h"
#include "record/store.h"

namespace chancery::ca {

// AuthorityDirectory keeps the snapshots of all authorities in use, a list a scope, and drops a
// scope's list when a commit changes one of its authorities or what they have in common. A snapshot
// has what its row alone does not say: whether it is the default, its whole chain, its URLs.
// Thread-safe.
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

  // status gives the identity that certificates of an issuer belong to; it may have been deleted.
  [[nodiscard]] Result<std::shared_ptr<const StatusIdentity>> status(const record::Scope& scope,
                                                                     std::string_view issuer_id);

  // make gives the snapshots of a scope whose rows hold `records`: as they would be after a commit.
  // `defaults`, where given, says which is the default; `identities` those of all issuers that have
  // twins.
  [[nodiscard]] Result<List> make(const record::Scope& scope, std::vector<AuthorityRecord> records,
                                  const std::optional<Defaults>& defaults,
                                  const StatusIdentities& identities);

  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  struct Mount {
    List list;
    // By each id that they have.
    std::map<std::string, std::shared_ptr<const StatusIdentity>, std::less<>> identities;
  };
  [[nodiscard]] Result<std::shared_ptr<const Mount>> mount(const record::Scope& scope);
  [[nodiscard]] Result<std::shared_ptr<const Mount>> load(const record::Scope& scope);
  [[nodiscard]] Result<std::shared_ptr<const keys::Signer>> signer(const std::string& key_id);
  void forget(const record::StateKey& key);

  const record::StateReader& reader_;
  const keys::KeyStore& keys_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::map<std::string, std::shared_ptr<const Mount>, std::less<>> mounts_;  // by tenant NUL mount
  std::map<std::string, std::shared_ptr<const keys::Signer>, std::less<>> signers_;
  SignatureMemo signatures_;
};

// status_signer gives the authority that signs CRLs for a status identity: the first of its issuers
// that has its key here and may, else one that has its key here, else any. Null: none is there.
[[nodiscard]] std::shared_ptr<const Authority> status_signer(
    const AuthorityDirectory::List& authorities, const StatusIdentity& status);

}  // namespace chancery::ca
