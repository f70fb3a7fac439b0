#include "control.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fault_shim {
namespace {

std::atomic<Control*> mapped{nullptr};

__attribute__((constructor)) void map_control() {
  const char* path = std::getenv("FAULT_SHIM_CONTROL");
  if (path == nullptr) return;
  const long fd = ::syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  const long address =
      ::syscall(SYS_mmap, nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::syscall(SYS_close, fd);
  if (address > 0) mapped.store(reinterpret_cast<Control*>(address));
}

bool starts_with(const char* text, const char* start) {
  return std::strncmp(text, start, std::strlen(start)) == 0;
}

bool is_there(const Control& c, const char* path) {
  switch (static_cast<Place>(c.place.load())) {
    case Place::kData:
      return starts_with(path, c.data);
    case Place::kSocket:
      return starts_with(path, "socket:");
    case Place::kAnywhere:
      break;
  }
  return true;
}

Verdict judge(Control& c, const char* path) {
  const std::uint64_t number = c.counted.fetch_add(1) + 1;
  if (number < c.first.load() || number > c.last.load()) return Verdict::kPass;
  c.failed.fetch_add(1);
  std::strncpy(c.what, path, sizeof(c.what) - 1);
  if (c.error.load() == 0) return Verdict::kHalf;
  return c.done.load() != 0 ? Verdict::kFailWhenDone : Verdict::kFail;
}

bool counts(Control& c, Call call) {
  if (c.armed.load() == 0) return false;
  const auto number = static_cast<unsigned>(call);
  c.per_call[number].fetch_add(1);
  return (c.calls.load() >> number & 1) != 0;
}

}  // namespace

Control* control() { return mapped.load(); }

Verdict decide(Call call, const char* path) {
  Control* const c = control();
  if (c == nullptr || !counts(*c, call) || !is_there(*c, path)) return Verdict::kPass;
  return judge(*c, path);
}

Verdict decide(Call call, int fd) {
  Control* const c = control();
  if (c == nullptr || !counts(*c, call)) return Verdict::kPass;
  // Nothing here may allocate.
  char link[32];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  char path[256] = "";
  const long size = ::syscall(SYS_readlink, link, path, sizeof(path) - 1);
  path[size > 0 ? size : 0] = '\0';
  return is_there(*c, path) ? judge(*c, path) : Verdict::kPass;
}

int planned_error() { return static_cast<int>(control()->error.load()); }

}  // namespace fault_shim
