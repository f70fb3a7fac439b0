// The calls of the C library that the program, SQLite, OpenSSL and Asio make to files and sockets
// (strace shows them). Each goes straight to the kernel, or fails as it was told to.

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "control.h"
#include "journal.h"

using namespace fault_shim;

namespace {

int fail() {
  errno = planned_error();
  return -1;
}

// Makes the call unless it is to fail; `make` returns what the kernel says.
template <class Where, class Make>
long guarded(Call call, Where where, Make make) {
  const Verdict verdict = decide(call, where);
  if (verdict == Verdict::kFail) return fail();
  const long result = make();
  return verdict == Verdict::kFailWhenDone ? fail() : result;
}

// The same for calls that move bytes, and may move half of them.
template <class Make>
ssize_t counted(Call call, int fd, size_t size, Make make) {
  const Verdict verdict = decide(call, fd);
  if (verdict == Verdict::kFail) return fail();
  const ssize_t result = make(verdict == Verdict::kHalf && size > 1 ? size / 2 : size);
  return verdict == Verdict::kFailWhenDone ? fail() : result;
}

// After a power cut the machine has booted: this says which file holds the new boot's name.
const char* path_of(const char* path) {
  const char* const boot = std::getenv("FAULT_SHIM_BOOT_ID");
  const bool asks = boot != nullptr && std::strcmp(path, "/proc/sys/kernel/random/boot_id") == 0;
  return asks ? boot : path;
}

int open_at(int directory, const char* path, int flags, mode_t mode) {
  path = path_of(path);
  const Journalling journal;
  const bool was_there = journal.on() && ::syscall(SYS_faccessat, directory, path, F_OK) == 0;
  const auto fd = static_cast<int>(guarded(
      Call::kOpen, path, [&] { return ::syscall(SYS_openat, directory, path, flags, mode); }));
  if (fd >= 0 && (((flags & O_CREAT) != 0 && !was_there) || (flags & O_TRUNC) != 0))
    journal.note(Deed::kCreate, fd);
  return fd;
}

// The mode is there only when a file may be made.
mode_t mode_of(int flags, va_list arguments) {
  const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return makes ? va_arg(arguments, mode_t) : 0;
}

ssize_t write_at(int fd, const void* bytes, size_t size, off_t offset) {
  const Journalling journal;
  const ssize_t n = counted(Call::kWrite, fd, size, [&](size_t some) {
    return ::syscall(SYS_pwrite64, fd, bytes, some, offset);
  });
  if (n > 0)
    journal.note(Deed::kWrite, fd, static_cast<std::uint64_t>(offset), bytes,
                 static_cast<std::size_t>(n));
  return n;
}

ssize_t read_at(int fd, void* bytes, size_t size, off_t offset) {
  return counted(Call::kRead, fd, size,
                 [&](size_t some) { return ::syscall(SYS_pread64, fd, bytes, some, offset); });
}

int truncate_to(int fd, off_t size) {
  const Journalling journal;
  const auto result = static_cast<int>(
      guarded(Call::kTruncate, fd, [&] { return ::syscall(SYS_ftruncate, fd, size); }));
  if (result == 0) journal.note(Deed::kTruncate, fd, static_cast<std::uint64_t>(size));
  return result;
}

// Returns the error, as posix_fallocate does.
int allocate(int fd, off_t offset, off_t size) {
  const long result =
      guarded(Call::kTruncate, fd, [&] { return ::syscall(SYS_fallocate, fd, 0, offset, size); });
  return result == 0 ? 0 : errno;
}

int sync(int fd, long number) {
  const Journalling journal;
  const auto result =
      static_cast<int>(guarded(Call::kSync, fd, [&] { return ::syscall(number, fd); }));
  if (result == 0) journal.note(Deed::kSync, fd);
  return result;
}

void* map(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  const long result = guarded(Call::kMap, fd, [&] {
    return ::syscall(SYS_mmap, address, size, protection, flags, fd, offset);
  });
  return reinterpret_cast<void*>(result);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int directory, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(directory, path, flags, mode);
}
int __open_2(const char* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(const char* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }

ssize_t read(int fd, void* bytes, size_t size) {
  return counted(Call::kRead, fd, size,
                 [&](size_t some) { return ::syscall(SYS_read, fd, bytes, some); });
}
ssize_t __read_chk(int fd, void* bytes, size_t size, size_t) { return read(fd, bytes, size); }
ssize_t pread(int fd, void* bytes, size_t size, off_t offset) {
  return read_at(fd, bytes, size, offset);
}
ssize_t pread64(int fd, void* bytes, size_t size, off_t offset) {
  return read_at(fd, bytes, size, offset);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  const Journalling journal;
  const long before = journal.on() ? ::syscall(SYS_lseek, fd, 0L, SEEK_CUR) : 0;
  const ssize_t n = counted(Call::kWrite, fd, size,
                            [&](size_t some) { return ::syscall(SYS_write, fd, bytes, some); });
  if (n > 0 && before >= 0)
    journal.note(Deed::kWrite, fd, static_cast<std::uint64_t>(before), bytes,
                 static_cast<std::size_t>(n));
  return n;
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return write_at(fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off_t offset) {
  return write_at(fd, bytes, size, offset);
}

int ftruncate(int fd, off_t size) { return truncate_to(fd, size); }
int ftruncate64(int fd, off_t size) { return truncate_to(fd, size); }
int posix_fallocate(int fd, off_t offset, off_t size) { return allocate(fd, offset, size); }
int posix_fallocate64(int fd, off_t offset, off_t size) { return allocate(fd, offset, size); }

int fsync(int fd) { return sync(fd, SYS_fsync); }
int fdatasync(int fd) { return sync(fd, SYS_fdatasync); }

int rename(const char* from, const char* to) {
  const Journalling journal;
  const auto result = static_cast<int>(guarded(
      Call::kRename, from, [&] { return ::syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to); }));
  if (result == 0) journal.note(Deed::kRename, from, to);
  return result;
}
int link(const char* from, const char* to) {
  const Journalling journal;
  const auto result = static_cast<int>(guarded(
      Call::kRename, from, [&] { return ::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); }));
  if (result == 0) journal.note(Deed::kLink, from, to);
  return result;
}
int unlink(const char* path) {
  const Journalling journal;
  const auto result = static_cast<int>(
      guarded(Call::kUnlink, path, [&] { return ::syscall(SYS_unlinkat, AT_FDCWD, path, 0); }));
  if (result == 0) journal.note(Deed::kUnlink, path);
  return result;
}
int mkdir(const char* path, mode_t mode) {
  const Journalling journal;
  const auto result = static_cast<int>(guarded(
      Call::kMakeDirectory, path, [&] { return ::syscall(SYS_mkdirat, AT_FDCWD, path, mode); }));
  if (result == 0) journal.note(Deed::kDirectory, path);
  return result;
}

void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  return map(address, size, protection, flags, fd, offset);
}
void* mmap64(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  return map(address, size, protection, flags, fd, offset);
}

ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  return counted(Call::kSend, fd, size, [&](size_t some) {
    return ::syscall(SYS_sendto, fd, bytes, some, flags, nullptr, 0);
  });
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  // Half of a message of several parts is its first part.
  const Verdict verdict = decide(Call::kSend, fd);
  if (verdict == Verdict::kFail) return fail();
  msghdr some = *message;
  if (verdict == Verdict::kHalf && some.msg_iovlen > 1) some.msg_iovlen = 1;
  const ssize_t result = ::syscall(SYS_sendmsg, fd, &some, flags);
  return verdict == Verdict::kFailWhenDone ? fail() : result;
}
ssize_t sendfile(int out, int in, off_t* offset, size_t size) {
  return counted(Call::kSend, out, size,
                 [&](size_t some) { return ::syscall(SYS_sendfile, out, in, offset, some); });
}
ssize_t recv(int fd, void* bytes, size_t size, int flags) {
  return counted(Call::kReceive, fd, size, [&](size_t some) {
    return ::syscall(SYS_recvfrom, fd, bytes, some, flags, nullptr, nullptr);
  });
}
ssize_t __recv_chk(int fd, void* bytes, size_t size, size_t, int flags) {
  return recv(fd, bytes, size, flags);
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
  return guarded(Call::kReceive, fd, [&] { return ::syscall(SYS_recvmsg, fd, message, flags); });
}
int accept4(int fd, sockaddr* address, socklen_t* length, int flags) {
  return static_cast<int>(guarded(
      Call::kAccept, fd, [&] { return ::syscall(SYS_accept4, fd, address, length, flags); }));
}

}  // extern "C"
