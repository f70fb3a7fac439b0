#include "protocols/acme/nonces.h"

#include <array>

#include "crypto/digest.h"

namespace chancery::acme {
namespace {

constexpr std::size_t kNumberSize = 8;
constexpr std::size_t kMacSize = 16;
constexpr std::size_t kTextSize = 32;  // base64url of both

std::array<std::uint8_t, kNumberSize> octets(std::uint64_t number) {
  std::array<std::uint8_t, kNumberSize> out{};
  for (std::size_t i = 0; i < kNumberSize; ++i)
    out.at(i) = static_cast<std::uint8_t>(number >> (8 * (kNumberSize - 1 - i)));
  return out;
}

SecretBytes draw_key(Random& random) {
  SecretBytes key(32);
  random.fill(key.mutable_view());
  return key;
}

}  // namespace

Nonces::Nonces(Random& random) : key_(draw_key(random)), used_(kWindow, false) {}

Bytes Nonces::mac(std::uint64_t number) const {
  Bytes whole = crypto::hmac(crypto::DigestAlgorithm::kSha256, key_.view(), octets(number));
  whole.resize(kMacSize);
  return whole;
}

std::string Nonces::make() {
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = next_++;
    used_[number % kWindow] = false;
  }
  Bytes nonce;
  nonce.reserve(kNumberSize + kMacSize);
  append(nonce, octets(number));
  append(nonce, mac(number));
  return base64(nonce, Base64::kUrl);
}

bool Nonces::redeem(std::string_view text) {
  if (text.size() != kTextSize) return false;
  const auto nonce = parse_base64(text, Base64::kUrl);
  if (!nonce || nonce->size() != kNumberSize + kMacSize) return false;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kNumberSize; ++i) number = number << 8U | (*nonce)[i];
  if (!constant_time_equal(mac(number), BytesView(*nonce).subspan(kNumberSize))) return false;
  const std::scoped_lock lock(mutex_);
  if (number >= next_ || next_ - number > kWindow || used_[number % kWindow]) return false;
  used_[number % kWindow] = true;
  return true;
}

}  // namespace chancery::acme
