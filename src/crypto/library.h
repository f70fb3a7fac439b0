#pragma once

// Internal to this folder: what is fetched from OpenSSL once for the whole process.

#include <array>
#include <string_view>

#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/openssl_ptr.h"

namespace chancery::crypto {

// Library holds algorithms of the default library context. A fetch by name costs a look-up under a
// lock in every call; these handles are read-only and shared by all threads.
struct Library {
  std::array<EVP_MD*, 4> digests{};  // by DigestAlgorithm
  std::array<EVP_MAC_CTX*, 4>
      hmac{};  // by DigestAlgorithm; templates without a key, to be duplicated
  // By SignatureScheme, from kEd25519 on: the schemes that hash inside.
  std::array<EVP_SIGNATURE*, 17> raw_key{};
  EVP_CIPHER* aes256_gcm = nullptr;
  EVP_KDF* hkdf = nullptr;
  EVP_KDF* argon2id = nullptr;
  std::array<EC_GROUP*, 3> curves{};  // P-256, P-384, P-521
};

// library fetches everything on first use and is never freed: threads may still sign while the
// process exits.
[[nodiscard]] const Library& library();

[[nodiscard]] inline const EVP_MD* evp_md(DigestAlgorithm algorithm) {
  return library().digests[static_cast<std::size_t>(algorithm)];
}
[[nodiscard]] const char* openssl_name(DigestAlgorithm algorithm);

// library_failure makes a kInternal error that carries OpenSSL's last reason, and empties its error
// queue: a leftover there would be taken for a failure of the next TLS call on this thread.
[[nodiscard]] std::unexpected<Error> library_failure(std::string_view what);
void clear_library_errors();
// ran_out_of_memory says whether one of the errors in OpenSSL's queue is that, and empties it: then
// what failed says nothing of the bytes that were looked at.
[[nodiscard]] bool ran_out_of_memory();

// secret_number reads a big-endian number into memory that OpenSSL zeroes when it gives it back.
[[nodiscard]] BnPtr secret_number(BytesView magnitude);

// DigestValue is a digest on the stack, for the signing and verifying paths.
struct DigestValue {
  std::array<std::uint8_t, 64> bytes{};
  unsigned size = 0;
  [[nodiscard]] BytesView view() const { return {bytes.data(), size}; }
};
[[nodiscard]] DigestValue digest_value(DigestAlgorithm algorithm, BytesView data);

}  // namespace chancery::crypto
