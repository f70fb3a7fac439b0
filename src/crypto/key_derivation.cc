#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>
#include <string>

#include "crypto/library.h"
#include "crypto/symmetric.h"

namespace chancery::crypto {
namespace {

constexpr std::size_t kMinArgon2Salt = 8;    // RFC 9106 section 3.1
constexpr std::size_t kMinArgon2Output = 4;  // the same
constexpr std::size_t kMaxArgon2Output = 1024;

// OSSL_PARAM wants writable, non-null memory even where it only reads.
OSSL_PARAM octets(const char* key, BytesView value) {
  static constexpr std::uint8_t kEmpty = 0;
  const std::uint8_t* data = value.empty() ? &kEmpty : value.data();
  return OSSL_PARAM_construct_octet_string(key, const_cast<std::uint8_t*>(data), value.size());
}

Result<SecretBytes> derive(EVP_KDF* kdf, std::span<const OSSL_PARAM> params, std::size_t length) {
  const KdfCtxPtr context{EVP_KDF_CTX_new(kdf)};
  SecretBytes out(length);
  if (context == nullptr ||
      EVP_KDF_derive(context.get(), out.mutable_view().data(), length, params.data()) != 1) {
    return library_failure("key derivation failed");
  }
  return out;
}

Result<void> check(const Argon2Cost& cost, std::size_t salt_size, std::size_t length) {
  if (cost.lanes < 1 || cost.lanes > 16)
    return fail(Code::kInvalidArgument, "Argon2 lanes must be 1 to 16");
  if (cost.iterations < 1 || cost.iterations > 64) {
    return fail(Code::kInvalidArgument, "Argon2 iterations must be 1 to 64");
  }
  if (cost.memory_kib < 8 * cost.lanes || cost.memory_kib > 4 * 1024 * 1024) {
    return fail(Code::kInvalidArgument, "Argon2 memory must be 8 KiB a lane to 4 GiB");
  }
  if (salt_size < kMinArgon2Salt)
    return fail(Code::kInvalidArgument, "an Argon2 salt has at least 8 bytes");
  if (length < kMinArgon2Output || length > kMaxArgon2Output) {
    return fail(Code::kInvalidArgument, "Argon2 output must be 4 to 1024 bytes");
  }
  return {};
}

}  // namespace

Result<SecretBytes> hkdf(DigestAlgorithm algorithm, BytesView secret, BytesView salt,
                         BytesView info, std::size_t length) {
  if (length == 0 || length > 255 * digest_size(algorithm)) {
    return fail(Code::kInvalidArgument, "HKDF output must be 1 to 255 digests long");
  }
  std::string name = openssl_name(algorithm);
  const std::array<OSSL_PARAM, 5> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name.data(), name.size()),
      octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_SALT, salt),
      octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  return derive(library().hkdf, params, length);
}

Result<SecretBytes> argon2id(BytesView passphrase, BytesView salt, const Argon2Cost& cost,
                             std::size_t length) {
  TRY(check(cost, salt.size(), length));
  Argon2Cost values = cost;
  const std::array<OSSL_PARAM, 6> params = {
      octets(OSSL_KDF_PARAM_PASSWORD, passphrase),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &values.iterations),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_LANES, &values.lanes),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_MEMCOST, &values.memory_kib),
      OSSL_PARAM_construct_end()};
  return derive(library().argon2id, params, length);
}

}  // namespace chancery::crypto
