#include "os/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace chancery::os {
namespace {

std::unexpected<Error> system_error(std::string_view what, const std::string& path) {
  const int number = errno;
  Code code = Code::kUnavailable;
  if (number == ENOENT || number == ENOTDIR) code = Code::kNotFound;
  if (number == EEXIST) code = Code::kAlreadyExists;
  if (number == EACCES || number == EPERM || number == EROFS) code = Code::kPermissionDenied;
  if (number == ENOSPC || number == EDQUOT) code = Code::kStorageFull;
  return std::unexpected(
      Error{code, std::string(what) + ": " + std::strerror(number), {}, {}}.with("path", path));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Reads into `out`, which has room for the whole file.
Result<void> read_exactly(int fd, std::span<std::uint8_t> out, const std::string& path) {
  while (!out.empty()) {
    const ssize_t n = ::read(fd, out.data(), out.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot read file", path);
    if (n == 0)
      return std::unexpected(
          Error{Code::kUnavailable, "file shrank while it was read", {}, {}}.with("path", path));
    out = out.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<std::size_t> size_of(int fd, const std::string& path, std::size_t max_size) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return system_error("cannot stat file", path);
  if (!S_ISREG(info.st_mode)) {
    return std::unexpected(
        Error{Code::kInvalidArgument, "not a regular file", {}, {}}.with("path", path));
  }
  if (static_cast<std::size_t>(info.st_size) > max_size) {
    return std::unexpected(Error{
        Code::kTooLarge,
        "file is larger than " + std::to_string(max_size) + " bytes",
        {},
        {}}.with("path", path));
  }
  return static_cast<std::size_t>(info.st_size);
}

template <class Buffer>
Result<Buffer> read_into(const std::string& path, std::size_t max_size) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return system_error("cannot open file", path);
  const std::size_t size = TRY(size_of(file.get(), path, max_size));
  Buffer buffer(size);
  if constexpr (std::is_same_v<Buffer, SecretBytes>) {
    TRY(read_exactly(file.get(), buffer.mutable_view(), path));
  } else {
    TRY(read_exactly(file.get(), buffer, path));
  }
  return buffer;
}

Result<void> write_all(int fd, BytesView content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot write file", path);
    content = content.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> sync_directory(const std::string& path) {
  const FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return system_error("cannot open directory", path);
  if (::fsync(directory.get()) != 0) return system_error("cannot flush directory", path);
  return {};
}

Result<void> write_temporary(const std::string& temporary, BytesView content, unsigned mode) {
  const FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!file.valid()) return system_error("cannot create file", temporary);
  // The umask may have taken bits away, an older temporary may have other ones.
  if (::fchmod(file.get(), mode) != 0)
    return system_error("cannot set the mode of file", temporary);
  TRY(write_all(file.get(), content, temporary));
  if (::fsync(file.get()) != 0) return system_error("cannot flush file", temporary);
  return {};
}

}  // namespace

Result<Bytes> read_file(const std::string& path, std::size_t max_size) {
  return read_into<Bytes>(path, max_size);
}

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t max_size) {
  return read_into<SecretBytes>(path, max_size);
}

Result<void> write_file(const std::string& path, BytesView content, unsigned mode) {
  const std::string temporary = path + ".new";
  if (auto written = write_temporary(temporary, content, mode); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return system_error("cannot rename file", path);
  return sync_directory(directory_of(path));
}

Result<void> create_file(const std::string& path, BytesView content, unsigned mode) {
  const std::string temporary = path + ".new";
  if (auto written = write_temporary(temporary, content, mode); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  // link, unlike rename, fails when the name is taken.
  if (::link(temporary.c_str(), path.c_str()) != 0) {
    auto error = system_error("cannot create file", path);
    ::unlink(temporary.c_str());
    return error;
  }
  ::unlink(temporary.c_str());
  return sync_directory(directory_of(path));
}

Result<void> rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return system_error("cannot rename file", from);
  return sync_directory(directory_of(to));
}

Result<FileStatus> status_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return system_error("cannot stat file", path);
  return FileStatus{info.st_mode & 07777, info.st_uid, info.st_gid, S_ISDIR(info.st_mode)};
}

Result<void> set_owner(const std::string& path, unsigned owner, unsigned group) {
  if (::chown(path.c_str(), owner, group) != 0)
    return system_error("cannot set the owner of file", path);
  return {};
}

Result<std::uint64_t> free_bytes(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) != 0) return system_error("cannot stat file system", path);
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

Result<void> make_directory(const std::string& path, unsigned mode) {
  if (::mkdir(path.c_str(), mode) != 0) {
    struct stat info{};
    if (errno == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
    return system_error("cannot make directory", path);
  }
  return sync_directory(directory_of(path));
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool is_empty_directory(const std::string& path) {
  const auto names = list_directory(path);
  return names && names->empty();
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return system_error("cannot open directory", path);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(directory);
  std::ranges::sort(names);
  return names;
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return system_error("cannot remove file", path);
  return sync_directory(directory_of(path));
}

Result<void> private_enough(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return system_error("cannot stat file", path);
  if ((info.st_mode & 0077) != 0) {
    return std::unexpected(Error{
        Code::kRefused,
        "file holds secrets but others may read it; run: chmod 600 " + path,
        {},
        {}}.with("path", path));
  }
  return {};
}

}  // namespace chancery::os
