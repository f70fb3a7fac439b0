#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ca/authority_directory.h"
#include "ca/mount_table.h"

namespace chancery::ca {

// IssuerIndex finds the mount of an authority by what the public knows of it, with one look-up
// however many mounts there are. It reads all mounts when it is first asked, and again those of
// which a commit changed something. Thread-safe. Made before the first commit. Internal to this
// folder.
class IssuerIndex final : public record::CommitObserver {
 public:
  explicit IssuerIndex(AuthorityDirectory& directory) : directory_(directory) {}

  // ready says that all mounts were read once; refresh reads what is missing. Errors: those of a
  // mount that cannot be read; the others are there.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] Result<void> refresh(const MountTable& mounts);

  // by_certificate finds the mount of the authority that issued a certificate, one that has its key
  // before others; by_id that of an authority's id.
  [[nodiscard]] std::optional<record::Scope> by_certificate(const MountTable& mounts,
                                                            const x509::CertId& id) const;
  [[nodiscard]] std::optional<record::Scope> by_id(const MountTable& mounts,
                                                   std::string_view id) const;
  // any is some mount that has a key: its authority can say that it knows nothing.
  [[nodiscard]] std::optional<record::Scope> any(const MountTable& mounts) const;

  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  using Names = std::vector<std::string>;
  void apply(const record::Scope& scope, const AuthorityDirectory::List& list);
  void forget(const record::Scope& scope);
  [[nodiscard]] std::optional<record::Scope> find(const MountTable& mounts,
                                                  const std::string& name) const;

  // The order of mounts: one that has the key first, then by storage.
  struct Place {
    bool without_key = false;
    record::Scope scope;
  };
  AuthorityDirectory& directory_;
  std::mutex refreshing_;  // held while mounts are read

  mutable std::mutex mutex_;  // guards the rest
  bool ready_ = false;
  std::uint64_t generation_ = 0;
  // By tenant NUL mount: those to be read again, and when that was found out.
  std::map<std::string, std::pair<record::Scope, std::uint64_t>> changed_;
  std::unordered_map<std::string, std::vector<Place>> places_;  // by id and by hashes
  std::unordered_map<std::string, Names> names_;                // of a mount in places_
  std::map<std::string, record::Scope> with_keys_;
};

}  // namespace chancery::ca
