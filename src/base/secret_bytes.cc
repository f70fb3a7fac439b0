#include "base/secret_bytes.h"

#include <string.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace chancery {
namespace {

constexpr std::size_t kPage = 4096;

std::size_t round_up(std::size_t size) { return (size + kPage - 1) / kPage * kPage; }

// Whole pages, so that madvise covers the secret and nothing else's dump is changed.
std::uint8_t* allocate(std::size_t size) {
  if (size == 0) return nullptr;
  void* memory =
      ::mmap(nullptr, round_up(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Best effort: an unprivileged process may be over its lock limit.
  (void)::madvise(memory, round_up(size), MADV_DONTDUMP);
  (void)::madvise(memory, round_up(size), MADV_WIPEONFORK);
  (void)::mlock(memory, round_up(size));
  return static_cast<std::uint8_t*>(memory);
}

void release(std::uint8_t* data, std::size_t size) {
  if (data == nullptr) return;
  ::explicit_bzero(data, size);
  ::munmap(data, round_up(size));
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size) : data_(allocate(size)), size_(size) {}

SecretBytes::SecretBytes(BytesView bytes) : SecretBytes(bytes.size()) {
  std::ranges::copy(bytes, data_);
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    release(data_, size_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { release(data_, size_); }

void SecretBytes::shrink(std::size_t size) {
  if (size >= size_) return;
  SecretBytes shorter(view().first(size));
  *this = std::move(shorter);
}

void wipe(std::span<std::uint8_t> bytes) {
  // An empty span may have no address, which explicit_bzero does not take.
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

void wipe(std::string& text) {
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace chancery
