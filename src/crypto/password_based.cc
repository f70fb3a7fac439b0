#include "crypto/password_based.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <limits>
#include <string>

#include "crypto/library.h"

namespace chancery::crypto {
namespace {

constexpr std::size_t kMaxLength = 1024;
constexpr std::size_t kMaxText = std::numeric_limits<std::int32_t>::max() / 2;

using KdfPtr = std::unique_ptr<EVP_KDF, OpenSslDeleter<EVP_KDF_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, OpenSslDeleter<EVP_CIPHER_free>>;

struct CipherFacts {
  const char* name;
  std::size_t key_size;
  std::size_t block_size;
};
constexpr std::array<CipherFacts, 4> kCiphers = {{{"AES-128-CBC", 16, 16},
                                                  {"AES-192-CBC", 24, 16},
                                                  {"AES-256-CBC", 32, 16},
                                                  {"DES-EDE3-CBC", 24, 8}}};

const CipherFacts& facts(CbcCipher cipher) { return kCiphers[static_cast<std::size_t>(cipher)]; }

// OSSL_PARAM wants writable, non-null memory even where it only reads.
OSSL_PARAM octets(const char* key, BytesView value) {
  static constexpr std::uint8_t kEmpty = 0;
  const std::uint8_t* data = value.empty() ? &kEmpty : value.data();
  return OSSL_PARAM_construct_octet_string(key, const_cast<std::uint8_t*>(data), value.size());
}

Result<void> check_bounds(std::uint32_t iterations, std::size_t length) {
  if (iterations < 1 || iterations > std::numeric_limits<std::int32_t>::max())
    return fail(Code::kInvalidArgument, "iterations must be 1 to 2^31-1");
  if (length < 1 || length > kMaxLength)
    return fail(Code::kInvalidArgument, "a derived key has 1 to 1024 bytes");
  return {};
}

Result<SecretBytes> derive(const char* kdf_name, const OSSL_PARAM* params, std::size_t length) {
  const KdfPtr kdf{EVP_KDF_fetch(nullptr, kdf_name, nullptr)};
  const KdfCtxPtr context{EVP_KDF_CTX_new(kdf.get())};
  SecretBytes out(length);
  if (context == nullptr ||
      EVP_KDF_derive(context.get(), out.mutable_view().data(), length, params) != 1) {
    return library_failure("key derivation failed");
  }
  return out;
}

Result<CipherCtxPtr> start(CbcCipher cipher, BytesView key, BytesView iv, int encrypt) {
  if (key.size() != facts(cipher).key_size || iv.size() != facts(cipher).block_size)
    return fail(Code::kInvalidArgument, "key or IV has the wrong size for its cipher");
  const CipherPtr fetched{EVP_CIPHER_fetch(nullptr, facts(cipher).name, nullptr)};
  CipherCtxPtr context{EVP_CIPHER_CTX_new()};
  if (fetched == nullptr || context == nullptr ||
      EVP_CipherInit_ex2(context.get(), fetched.get(), key.data(), iv.data(), encrypt, nullptr) !=
          1) {
    return library_failure("cipher is not available");
  }
  return context;
}

// run returns how many bytes came out, or -1.
int run(EVP_CIPHER_CTX* context, BytesView in, std::uint8_t* out) {
  int size = 0;
  int last = 0;
  if (EVP_CipherUpdate(context, out, &size, in.data(), static_cast<int>(in.size())) != 1 ||
      EVP_CipherFinal_ex(context, out + size, &last) != 1) {
    clear_library_errors();
    return -1;
  }
  return size + last;
}

}  // namespace

std::size_t key_size(CbcCipher cipher) { return facts(cipher).key_size; }
std::size_t block_size(CbcCipher cipher) { return facts(cipher).block_size; }

Result<SecretBytes> pbkdf2(DigestAlgorithm prf, BytesView password, BytesView salt,
                           std::uint32_t iterations, std::size_t length) {
  TRY(check_bounds(iterations, length));
  std::string digest = openssl_name(prf);
  // The caller's bounds hold, not those of SP 800-132 (salts of 16 bytes, 1000 iterations).
  int without_sp800_132 = 1;
  const std::array<OSSL_PARAM, 6> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
      octets(OSSL_KDF_PARAM_PASSWORD, password),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &iterations),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &without_sp800_132),
      OSSL_PARAM_construct_end()};
  return derive("PBKDF2", params.data(), length);
}

Result<SecretBytes> pkcs12_kdf(DigestAlgorithm algorithm, Pkcs12Purpose purpose, BytesView password,
                               BytesView salt, std::uint32_t iterations, std::size_t length) {
  TRY(check_bounds(iterations, length));
  std::string digest = openssl_name(algorithm);
  int id = static_cast<int>(purpose);
  const std::array<OSSL_PARAM, 6> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
      octets(OSSL_KDF_PARAM_PASSWORD, password),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &iterations),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS12_ID, &id),
      OSSL_PARAM_construct_end()};
  return derive("PKCS12KDF", params.data(), length);
}

Result<SecretBytes> cbc_decrypt(CbcCipher cipher, BytesView key, BytesView iv,
                                BytesView ciphertext) {
  const std::size_t block = facts(cipher).block_size;
  if (ciphertext.empty() || ciphertext.size() % block != 0 || ciphertext.size() > kMaxText)
    return fail(Code::kRefused, "ciphertext is not whole blocks");
  const CipherCtxPtr context = TRY(start(cipher, key, iv, 0));
  SecretBytes out(ciphertext.size() + block);
  const int size = run(context.get(), ciphertext, out.mutable_view().data());
  if (size < 0) return fail(Code::kRefused, "padding is wrong");
  out.shrink(static_cast<std::size_t>(size));
  return out;
}

Result<Bytes> cbc_encrypt(CbcCipher cipher, BytesView key, BytesView iv, BytesView plaintext) {
  if (plaintext.size() > kMaxText) return fail(Code::kInvalidArgument, "plaintext is too large");
  const CipherCtxPtr context = TRY(start(cipher, key, iv, 1));
  Bytes out(plaintext.size() + facts(cipher).block_size);
  const int size = run(context.get(), plaintext, out.data());
  if (size < 0) return library_failure("encryption failed");
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace chancery::crypto
