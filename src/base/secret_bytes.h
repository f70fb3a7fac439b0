#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/bytes.h"

namespace chancery {

// SecretBytes owns a buffer of secret material (private keys, passphrases, tokens). It is zeroed
// when freed, kept out of core dumps where the kernel allows it, not copyable and not printable.
// Not thread-safe; share it const.
class SecretBytes {
 public:
  SecretBytes() = default;
  // Takes `size` zero bytes.
  explicit SecretBytes(std::size_t size);
  // Copies `bytes`; the caller should wipe the source.
  explicit SecretBytes(BytesView bytes);
  SecretBytes(SecretBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::span<std::uint8_t> mutable_view() { return {data_, size_}; }
  [[nodiscard]] BytesView view() const { return {data_, size_}; }
  // shrink keeps the first `size` bytes and wipes the rest.
  void shrink(std::size_t size);

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// wipe overwrites memory in a way that the compiler may not leave out.
void wipe(std::span<std::uint8_t> bytes);
void wipe(std::string& text);

// Wiped zeroes a buffer it does not own when the scope ends.
class [[nodiscard]] Wiped {
 public:
  explicit Wiped(Bytes& bytes) : bytes_(bytes) {}
  ~Wiped() { wipe(bytes_); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;

 private:
  Bytes& bytes_;
};

}  // namespace chancery
