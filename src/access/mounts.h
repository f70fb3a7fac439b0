#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/mount.h"
#include "access/principal.h"
#include "base/random.h"
#include "base/ticket.h"
#include "record/staged.h"
#include "record/store.h"

namespace chancery::access {

// Mounts is the table of what stands where: secrets engines and authentication methods. All of it
// is in memory (at most kMostMounts), so finding one costs a hash a segment of the path; it is
// changed by commits alone. No mount stands in another. Thread-safe. Make it before the store's
// first commit: it registers with the committer.
class Mounts final : private record::CommitObserver {
 public:
  using Entry = std::shared_ptr<const Mount>;
  static constexpr std::size_t kMostMounts = 16'384;
  // The storage of the mount that init makes. The server's own certificate comes from it, so its
  // rows stay when the mount goes.
  static constexpr std::string_view kFirstStorage = "pki/";

  struct Limits {
    seconds default_ttl{768LL * 3600};
    seconds max_ttl{768LL * 3600};
  };

  Mounts(record::Store& store, const Clock& clock, Random& random);

  // open reads the table; in a store that has none it writes the first: "pki/" and "auth/token/".
  // Before any other call; it blocks. Errors: those of the store.
  [[nodiscard]] Result<void> open(const OnLane& on_lane);

  // match finds the mount that `path` is in or that it names ("pki/issue/web", "pki"), or null; of
  // an authentication method without "auth/".
  [[nodiscard]] Entry match(MountKind kind, std::string_view path) const;
  // find takes the mount's own path, with the slash at its end or without.
  [[nodiscard]] Entry find(MountKind kind, std::string_view path) const;
  [[nodiscard]] Entry by_storage(std::string_view storage) const;
  [[nodiscard]] std::vector<Entry> list(MountKind kind) const;  // in byte order of their paths
  // ttl_limits are those of the mount with that storage, its own before the system's.
  [[nodiscard]] Limits ttl_limits(std::string_view storage) const;
  [[nodiscard]] static Limits ttl_limits(const Mount& mount);

  // create stages a mount; path, type and settings are the caller's, the rest is drawn here. Errors
  // in Vault's words: kInvalidArgument (path in use, not allowed; too many), kConflict.
  [[nodiscard]] Result<record::Staged<Entry>> create(const Grant& grant, Mount wanted,
                                                     std::string_view request_id);
  // tune stages what `change` makes of a mount's settings. Errors: kNotFound, `change`'s,
  // kConflict.
  using Change = std::function<Result<void>(Mount&)>;
  [[nodiscard]] Result<record::Staged<Entry>> tune(const Grant& grant, MountKind kind,
                                                   std::string_view path, const Change& change,
                                                   std::string_view request_id);
  // move stages a new path for a mount; everything in it goes along. Errors: kInvalidArgument.
  [[nodiscard]] Result<record::Staged<Entry>> move(const Grant& grant, MountKind kind,
                                                   std::string_view from, std::string_view to,
                                                   std::string_view request_id);
  // Migration is a move that was done. The latest kMostMigrations are remembered, in memory alone.
  struct Migration {
    std::string id;
    std::string from;
    std::string to;
  };
  static constexpr std::size_t kMostMigrations = 256;
  // remember_move gives a committed move an identifier; migration finds it again, or nothing.
  [[nodiscard]] std::string remember_move(std::string from, std::string to);
  [[nodiscard]] std::optional<Migration> migration(std::string_view id) const;
  // remove stages the end of a mount: whatever it has is out of use with the commit, tokens that it
  // gave included, however much there is; sweep takes the rows later. Of an absent one it stages
  // nothing. Errors: kInvalidArgument ("token/"), kConflict.
  [[nodiscard]] Result<record::Staged<bool>> remove(const Grant& grant, MountKind kind,
                                                    std::string_view path,
                                                    std::string_view request_id);

  // next_removed is the removed mount whose rows sweep erases next, or nothing.
  [[nodiscard]] Result<std::optional<record::Scope>> next_removed() const;
  // sweep erases a page of the rows that removed mounts left. False: there is nothing left to do.
  struct Swept {
    record::WriteSet writes;
    std::size_t removed = 0;
  };
  [[nodiscard]] Result<Swept> sweep(std::size_t page);

 private:
  void committed(std::span<const record::CommittedSet> batch) override;
  void apply(const record::StateChange& change);
  void insert(Mount mount);
  void drop(MountKind kind, const std::string& path);
  [[nodiscard]] Result<void> load();
  [[nodiscard]] record::WriteSet first_mounts();
  [[nodiscard]] Result<void> check_free(MountKind kind, const std::string& path,
                                        std::string_view words) const;
  [[nodiscard]] Result<record::WriteSet> begin() const;
  void name_it(Mount& mount);

  // Texts are looked up by views.
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Table = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;
  [[nodiscard]] const Table& table(MountKind kind) const {
    return kind == MountKind::kAuth ? auth_ : secret_;
  }

  record::Store& store_;
  const Clock& clock_;
  Random& random_;
  mutable std::shared_mutex mutex_;
  Table secret_;
  Table auth_;
  Table storages_;
  std::deque<Migration> migrations_;  // the latest last
  std::int64_t epoch_ = 0;            // of the last change that is in the tables
};

}  // namespace chancery::access
