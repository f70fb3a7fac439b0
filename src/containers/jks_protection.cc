#include "containers/jks_protection.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "crypto/digest.h"

namespace chancery::containers {
namespace {

constexpr std::string_view kWhitener = "Mighty Aphrodite";  // fixed by the format

Bytes sha1_of(BytesView a, BytesView b, BytesView c = {}) {
  crypto::Hasher hasher(crypto::DigestAlgorithm::kSha1);
  hasher.update(a);
  hasher.update(b);
  hasher.update(c);
  return hasher.finish();
}

// apply_stream XORs SHA-1(password, salt), SHA-1(password, the digest before), … onto `data`.
void apply_stream(std::span<std::uint8_t> data, BytesView password, BytesView salt) {
  Bytes block = to_bytes(salt);
  for (std::size_t at = 0; at < data.size(); at += kSha1Size) {
    block = sha1_of(password, block);
    const std::size_t size = std::min(kSha1Size, data.size() - at);
    for (std::size_t i = 0; i < size; ++i)
      data[at + i] = static_cast<std::uint8_t>(data[at + i] ^ block[i]);
  }
  wipe(block);
}

}  // namespace

Bytes jks_digest(BytesView password, BytesView body) {
  return sha1_of(password, as_bytes(kWhitener), body);
}

Result<SecretBytes> open_jks_key(BytesView sealed, BytesView password) {
  if (sealed.size() <= 2 * kSha1Size) return fail(Code::kMalformed, "protected key is too short");
  const BytesView salt = sealed.first(kSha1Size);
  const BytesView check = sealed.last(kSha1Size);
  SecretBytes key(sealed.subspan(kSha1Size, sealed.size() - 2 * kSha1Size));
  apply_stream(key.mutable_view(), password, salt);
  if (!constant_time_equal(sha1_of(password, key.view()), check)) {
    return fail(
        Code::kRefused,
        "the password of the key is wrong (it may differ from the store's), or the file was "
        "altered");
  }
  return key;
}

Bytes seal_jks_key(BytesView key, BytesView password, Random& random) {
  Bytes out(kSha1Size);
  random.fill(out);
  const Bytes salt = out;
  append(out, key);
  apply_stream(std::span(out).subspan(kSha1Size), password, salt);
  append(out, sha1_of(password, key));
  return out;
}

}  // namespace chancery::containers
