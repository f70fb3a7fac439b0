#include "storage/sqlite/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/text.h"
#include "os/file.h"

namespace chancery::storage::sqlite {
namespace {

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
  const int number = errno;
  Code code = Code::kUnavailable;
  if (number == EACCES || number == EPERM || number == EROFS) code = Code::kPermissionDenied;
  if (number == ENOSPC || number == EDQUOT) code = Code::kStorageFull;
  std::string detail = std::string(what) + ": " + std::strerror(number);
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("path", path));
}

Result<void> sync_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return system_error("cannot open", path);
  const int result = ::fsync(fd);
  const int number = errno;
  ::close(fd);
  errno = number;
  if (result != 0) return system_error("cannot sync", path);
  return {};
}

// What the holder of the lock wrote into it.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  if (n <= 0) return "unknown";
  return std::string(trim({text.data(), static_cast<std::size_t>(n)}));
}

}  // namespace

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::take(const std::string& directory) {
  TRY(make_private_directory(directory));
  const std::string path = directory + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return system_error("cannot open the lock file", path);
  std::unique_ptr<DirectoryLock> lock(new DirectoryLock(fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error("cannot lock the store", path);
    return std::unexpected(
        Error{Code::kUnavailable, "the store is in use by process " + holder(fd), {}, {}}.with(
            "path", directory));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return system_error("cannot write the lock file", path);
  }
  return lock;
}

// The file stays: removing it would let two processes lock two files of one name.
DirectoryLock::~DirectoryLock() { ::close(fd_); }

Result<void> make_private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error("cannot make directory", path);
  }
  return {};
}

Result<void> sync_file(const std::string& path) { return sync_path(path, O_RDONLY); }

Result<void> sync_directory(const std::string& path) {
  return sync_path(path, O_RDONLY | O_DIRECTORY);
}

Result<void> rename_durably(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return system_error("cannot rename", to);
  return sync_directory(to.substr(0, to.rfind('/')));
}

std::string boot_id() {
  const int fd = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::array<char, 64> text{};
  const ssize_t n = ::read(fd, text.data(), text.size());
  ::close(fd);
  return n <= 0 ? std::string() : std::string(trim({text.data(), static_cast<std::size_t>(n)}));
}

}  // namespace chancery::storage::sqlite
