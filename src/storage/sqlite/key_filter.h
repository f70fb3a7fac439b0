#pragma once

// Internal to this folder.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace chancery::storage::sqlite {

// serial_filter_key and name_filter_key are what a KeyFilter is asked for. They are kept on disk.
[[nodiscard]] std::uint64_t serial_filter_key(std::int64_t scope, BytesView serial);
[[nodiscard]] std::uint64_t name_filter_key(std::string_view name_key);

// KeyFilter says of most keys that were not added that they were not, and never so of one that was:
// a Bloom filter whose bits for one key lie in one cache line. Ten bits a key; of a hundred strange
// keys it lets two pass. Reading is thread-safe.
class KeyFilter {
 public:
  // One for so many keys.
  explicit KeyFilter(std::uint64_t keys);

  void add(std::uint64_t key);
  [[nodiscard]] bool may_hold(std::uint64_t key) const;

  // encode and decode: the words in little-endian order and a CRC-32C over them. Errors: kDataLoss.
  [[nodiscard]] Bytes encode() const;
  [[nodiscard]] static Result<KeyFilter> decode(BytesView bytes);

 private:
  KeyFilter() = default;
  // Where the bits of a key are: the first word of its line.
  [[nodiscard]] std::size_t line(std::uint64_t key) const;

  std::vector<std::uint64_t> words_;
};

}  // namespace chancery::storage::sqlite
