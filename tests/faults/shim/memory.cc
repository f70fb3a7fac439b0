// The C library's allocator, which operator new and OpenSSL use as well, with allocations that
// fail.

#include <errno.h>
#include <stddef.h>

#include "control.h"

extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);

}  // extern "C"

namespace {

bool refused() {
  using namespace fault_shim;
  if (decide(Call::kAllocate, "memory") == Verdict::kPass) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

extern "C" {

void* malloc(size_t size) { return refused() ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return refused() ? nullptr : __libc_calloc(count, size); }
void* realloc(void* old, size_t size) { return refused() ? nullptr : __libc_realloc(old, size); }

}  // extern "C"
