#include "crypto/library.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>

#include <string>

#include "crypto/algorithm.h"

namespace chancery::crypto {
namespace {

constexpr std::array<const char*, 4> kDigestNames = {"SHA1", "SHA256", "SHA384", "SHA512"};
constexpr std::array<int, 3> kCurveNids = {NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1};

EVP_MAC_CTX* hmac_template(EVP_MAC* hmac, std::size_t digest) {
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(hmac);
  CHANCERY_CHECK(context != nullptr);
  std::string name = kDigestNames[digest];
  const std::array<OSSL_PARAM, 2> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
      OSSL_PARAM_construct_end()};
  CHANCERY_CHECK(EVP_MAC_CTX_set_params(context, params.data()) == 1);
  return context;
}

// Without one of these algorithms nothing works, so their absence stops the program at once.
const Library* load() {
  auto* loaded = new Library;
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  CHANCERY_CHECK(hmac != nullptr);
  for (std::size_t i = 0; i < kDigestNames.size(); ++i) {
    loaded->digests[i] = EVP_MD_fetch(nullptr, kDigestNames[i], nullptr);
    loaded->hmac[i] = hmac_template(hmac, i);
    CHANCERY_CHECK(loaded->digests[i] != nullptr);
  }
  for (std::size_t i = 0; i < loaded->raw_key.size(); ++i) {
    const auto scheme =
        static_cast<SignatureScheme>(static_cast<std::size_t>(SignatureScheme::kEd25519) + i);
    // OpenSSL knows these by the names that we give them, without regard to case.
    loaded->raw_key[i] = EVP_SIGNATURE_fetch(nullptr, name(scheme).data(), nullptr);
    CHANCERY_CHECK(loaded->raw_key[i] != nullptr);
  }
  EVP_MAC_free(hmac);
  loaded->aes256_gcm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  loaded->hkdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  loaded->argon2id = EVP_KDF_fetch(nullptr, "ARGON2ID", nullptr);
  for (std::size_t i = 0; i < kCurveNids.size(); ++i) {
    loaded->curves[i] = EC_GROUP_new_by_curve_name(kCurveNids[i]);
    CHANCERY_CHECK(loaded->curves[i] != nullptr);
  }
  CHANCERY_CHECK(loaded->aes256_gcm != nullptr && loaded->hkdf != nullptr &&
                 loaded->argon2id != nullptr);
  return loaded;
}

}  // namespace

const Library& library() {
  static const Library* const loaded = load();
  return *loaded;
}

BnPtr secret_number(BytesView magnitude) {
  BnPtr number{BN_secure_new()};
  CHANCERY_CHECK(number != nullptr &&
                 BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), number.get()) !=
                     nullptr);
  return number;
}

const char* openssl_name(DigestAlgorithm algorithm) {
  return kDigestNames[static_cast<std::size_t>(algorithm)];
}

std::unexpected<Error> library_failure(std::string_view what) {
  std::string detail(what);
  if (const char* reason = ERR_reason_error_string(ERR_peek_last_error()))
    detail.append(": ").append(reason);
  clear_library_errors();
  return fail(Code::kInternal, detail);
}

void clear_library_errors() { ERR_clear_error(); }

bool ran_out_of_memory() {
  bool found = false;
  while (const unsigned long error = ERR_get_error())
    found = found || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
  return found;
}

}  // namespace chancery::crypto
