#include "storage/sqlite/key_filter.h"

#include "storage/sqlite/crc32c.h"

namespace chancery::storage::sqlite {
namespace {

constexpr std::uint64_t kBitsOfKey = 10;
constexpr unsigned kProbes = 6;
constexpr std::size_t kLineWords = 8;
constexpr std::uint64_t kLineBits = kLineWords * 64;
constexpr unsigned kProbeBits = 9;  // a place in a line

// FNV-1a, and MurmurHash3's last steps, which spread it over all bits.
class Hash {
 public:
  Hash& add(std::uint8_t octet) {
    state_ = (state_ ^ octet) * 0x00000100000001b3U;
    return *this;
  }
  Hash& add(BytesView octets) {
    for (const std::uint8_t octet : octets) add(octet);
    return *this;
  }
  Hash& add(std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8)
      add(static_cast<std::uint8_t>(number >> shift));
    return *this;
  }
  [[nodiscard]] std::uint64_t value() const {
    std::uint64_t x = state_;
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdU;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53U;
    return x ^ x >> 33;
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325U;
};

// Calls with word and bit of each place that a key has in its line.
template <class Use>
void each_place(std::uint64_t key, Use use) {
  std::uint64_t bits = key * 0x9e3779b97f4a7c15U;
  for (unsigned i = 0; i < kProbes; ++i, bits <<= kProbeBits) {
    const std::uint64_t place = bits >> (64 - kProbeBits);
    use(place / 64, std::uint64_t{1} << place % 64);
  }
}

}  // namespace

std::uint64_t serial_filter_key(std::int64_t scope, BytesView serial) {
  return Hash().add(std::uint8_t{1}).add(static_cast<std::uint64_t>(scope)).add(serial).value();
}

std::uint64_t name_filter_key(std::string_view name_key) {
  return Hash().add(std::uint8_t{2}).add(as_bytes(name_key)).value();
}

KeyFilter::KeyFilter(std::uint64_t keys)
    : words_((keys * kBitsOfKey / kLineBits + 1) * kLineWords) {}

std::size_t KeyFilter::line(std::uint64_t key) const {
  const std::uint64_t lines = words_.size() / kLineWords;
  return ((key & 0xffffffffU) * lines >> 32) * kLineWords;
}

void KeyFilter::add(std::uint64_t key) {
  const std::size_t first = line(key);
  each_place(key, [&](std::uint64_t word, std::uint64_t bit) { words_[first + word] |= bit; });
}

bool KeyFilter::may_hold(std::uint64_t key) const {
  const std::size_t first = line(key);
  bool all = true;
  each_place(key, [&](std::uint64_t word, std::uint64_t bit) {
    all = all && (words_[first + word] & bit) != 0;
  });
  return all;
}

Bytes KeyFilter::encode() const {
  Bytes out;
  out.reserve(words_.size() * 8 + 4);
  for (const std::uint64_t word : words_) {
    for (unsigned shift = 0; shift < 64; shift += 8)
      out.push_back(static_cast<std::uint8_t>(word >> shift));
  }
  const std::uint32_t check = Crc32c().add(BytesView(out)).value();
  for (unsigned shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(check >> shift));
  return out;
}

Result<KeyFilter> KeyFilter::decode(BytesView bytes) {
  constexpr std::size_t kLine = kLineWords * 8;
  if (bytes.size() < kLine + 4 || (bytes.size() - 4) % kLine != 0)
    return fail(Code::kDataLoss, "a filter of the index has a size that none has");
  const auto read = [&](std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i > 0; --i) value = value << 8 | bytes[at + i - 1];
    return value;
  };
  const std::size_t end = bytes.size() - 4;
  if (Crc32c().add(bytes.first(end)).value() != read(end, 4))
    return fail(Code::kDataLoss, "a filter of the index is damaged");
  KeyFilter filter;
  filter.words_.reserve(end / 8);
  for (std::size_t at = 0; at < end; at += 8) filter.words_.push_back(read(at, 8));
  return filter;
}

}  // namespace chancery::storage::sqlite
