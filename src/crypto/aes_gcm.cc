#include <openssl/rand.h>

#include <limits>

#include "crypto/library.h"
#include "crypto/symmetric.h"

namespace chancery::crypto {
namespace {

// EVP takes int lengths.
constexpr std::size_t kMaxPiece = std::numeric_limits<int>::max() - kGcmNonceSize - kGcmTagSize;

Result<void> check_sizes(BytesView key, BytesView data, BytesView associated) {
  if (key.size() != kAesKeySize) return fail(Code::kInvalidArgument, "an AES-256 key has 32 bytes");
  if (data.size() > kMaxPiece || associated.size() > kMaxPiece) {
    return fail(Code::kTooLarge, "more than 2 GiB for one AES-GCM message");
  }
  return {};
}

int as_int(BytesView bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

Result<Bytes> aes256_gcm_seal(BytesView key, BytesView plaintext, BytesView associated) {
  TRY(check_sizes(key, plaintext, associated));
  Bytes sealed(kGcmNonceSize + plaintext.size() + kGcmTagSize);
  std::uint8_t* const nonce = sealed.data();
  std::uint8_t* const ciphertext = nonce + kGcmNonceSize;
  std::uint8_t* const tag = ciphertext + plaintext.size();
  CHANCERY_CHECK(RAND_bytes(nonce, static_cast<int>(kGcmNonceSize)) == 1);

  const CipherCtxPtr context{EVP_CIPHER_CTX_new()};
  int written = 0;
  bool ok = context != nullptr && EVP_EncryptInit_ex2(context.get(), library().aes256_gcm,
                                                      key.data(), nonce, nullptr) == 1;
  if (ok && !associated.empty()) {
    ok = EVP_EncryptUpdate(context.get(), nullptr, &written, associated.data(),
                           as_int(associated)) == 1;
  }
  if (ok && !plaintext.empty()) {
    ok = EVP_EncryptUpdate(context.get(), ciphertext, &written, plaintext.data(),
                           as_int(plaintext)) == 1;
  }
  ok = ok && EVP_EncryptFinal_ex(context.get(), tag, &written) == 1 &&
       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kGcmTagSize),
                           tag) == 1;
  if (!ok) return library_failure("AES-GCM encryption failed");
  return sealed;
}

Result<SecretBytes> aes256_gcm_open(BytesView key, BytesView sealed, BytesView associated) {
  TRY(check_sizes(key, sealed, associated));
  if (sealed.size() < kGcmNonceSize + kGcmTagSize)
    return fail(Code::kDataLoss, "sealed data is too short");
  const BytesView nonce = sealed.first(kGcmNonceSize);
  const BytesView ciphertext =
      sealed.subspan(kGcmNonceSize, sealed.size() - kGcmNonceSize - kGcmTagSize);
  Bytes tag = to_bytes(sealed.last(kGcmTagSize));  // EVP wants it writable
  SecretBytes plaintext(ciphertext.size());

  const CipherCtxPtr context{EVP_CIPHER_CTX_new()};
  int written = 0;
  bool ok = context != nullptr &&
            EVP_DecryptInit_ex2(context.get(), library().aes256_gcm, key.data(), nonce.data(),
                                nullptr) == 1 &&
            EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kGcmTagSize),
                                tag.data()) == 1;
  if (ok && !associated.empty()) {
    ok = EVP_DecryptUpdate(context.get(), nullptr, &written, associated.data(),
                           as_int(associated)) == 1;
  }
  if (ok && !ciphertext.empty()) {
    ok = EVP_DecryptUpdate(context.get(), plaintext.mutable_view().data(), &written,
                           ciphertext.data(), as_int(ciphertext)) == 1;
  }
  if (!ok) return library_failure("AES-GCM decryption failed");
  if (EVP_DecryptFinal_ex(context.get(), tag.data(), &written) != 1) {
    clear_library_errors();
    return fail(Code::kDataLoss, "sealed data was altered, or belongs to another key or place");
  }
  return plaintext;
}

}  // namespace chancery::crypto
