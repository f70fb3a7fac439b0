#include "journal.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "control.h"

namespace fault_shim {
namespace {

std::mutex mutex;
int file = -1;

__attribute__((constructor)) void open_journal() {
  const char* path = std::getenv("FAULT_SHIM_JOURNAL");
  if (path == nullptr) return;
  file = static_cast<int>(
      ::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

struct Header {
  std::uint32_t deed;
  std::uint32_t path;
  std::uint32_t other;
  std::uint32_t bytes;
  std::uint64_t offset;
};

void put(Header header, const char* path, const char* other, const void* bytes) {
  if (std::strncmp(path, control()->data, std::strlen(control()->data)) != 0) return;
  iovec parts[4] = {{&header, sizeof(header)},
                    {const_cast<char*>(path), header.path},
                    {const_cast<char*>(other), header.other},
                    {const_cast<void*>(bytes), header.bytes}};
  const long written = ::syscall(SYS_writev, file, parts, 4);
  if (written < 0) std::abort();  // a journal with a gap proves nothing
  control()->journal_size.fetch_add(static_cast<std::uint64_t>(written));
}

}  // namespace

Journalling::Journalling() : lock_(mutex, std::defer_lock) {
  const Control* const c = control();
  if (file >= 0 && c != nullptr && c->journal.load() != 0) lock_.lock();
}

void Journalling::note(Deed deed, int fd, std::uint64_t offset, const void* bytes,
                       std::size_t size) const {
  if (!on()) return;
  char link[32];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  char path[512] = "";
  const long length = ::syscall(SYS_readlink, link, path, sizeof(path) - 1);
  if (length <= 0) return;
  put({static_cast<std::uint32_t>(deed), static_cast<std::uint32_t>(length), 0,
       static_cast<std::uint32_t>(size), offset},
      path, "", bytes);
}

void Journalling::note(Deed deed, const char* path, const char* other) const {
  if (!on()) return;
  put({static_cast<std::uint32_t>(deed), static_cast<std::uint32_t>(std::strlen(path)),
       static_cast<std::uint32_t>(std::strlen(other)), 0, 0},
      path, other, nullptr);
}

}  // namespace fault_shim
