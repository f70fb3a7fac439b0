#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace chancery::storage::sqlite {

// DirectoryLock keeps a second process (or a second store in this one) out of a directory while it
// lives.
class DirectoryLock {
 public:
  // take makes the directory (mode 0700) when it is absent. Errors: kUnavailable when it is in use,
  // naming the process that holds it; kPermissionDenied.
  [[nodiscard]] static Result<std::unique_ptr<DirectoryLock>> take(const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_;
};

// make_private_directory makes one directory, mode 0700, unless it is there.
[[nodiscard]] Result<void> make_private_directory(const std::string& path);
// sync_file and sync_directory return when the content, or the names in it, are durable.
[[nodiscard]] Result<void> sync_file(const std::string& path);
[[nodiscard]] Result<void> sync_directory(const std::string& path);
// rename_durably renames within one file system and syncs the target's directory.
[[nodiscard]] Result<void> rename_durably(const std::string& from, const std::string& to);

// boot_id tells one run of the operating system from the next: what was written without fsync
// survives a killed process, not a lost power supply. "" when the system does not say.
[[nodiscard]] std::string boot_id();

}  // namespace chancery::storage::sqlite
