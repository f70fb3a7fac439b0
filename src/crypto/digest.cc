#include "crypto/digest.h"

#include <algorithm>

#include "crypto/library.h"

namespace chancery::crypto {
namespace {

// One context a thread saves its allocation: 0.12 µs instead of 0.20 for 65 bytes of SHA-256.
EVP_MD_CTX* thread_context() {
  thread_local const DigestCtxPtr context{EVP_MD_CTX_new()};
  CHANCERY_CHECK(context != nullptr);
  return context.get();
}

void start(EVP_MD_CTX* context, DigestAlgorithm algorithm) {
  CHANCERY_CHECK(EVP_DigestInit_ex2(context, evp_md(algorithm), nullptr) == 1);
}

void add(EVP_MD_CTX* context, BytesView data) {
  CHANCERY_CHECK(EVP_DigestUpdate(context, data.data(), data.size()) == 1);
}

void end(EVP_MD_CTX* context, std::uint8_t* out) {
  CHANCERY_CHECK(EVP_DigestFinal_ex(context, out, nullptr) == 1);
}

}  // namespace

std::size_t digest_size(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kSha1:
      return 20;
    case DigestAlgorithm::kSha256:
      return 32;
    case DigestAlgorithm::kSha384:
      return 48;
    case DigestAlgorithm::kSha512:
      return 64;
  }
  CHANCERY_CHECK(false);
  return 0;
}

DigestValue digest_value(DigestAlgorithm algorithm, BytesView data) {
  DigestValue value;
  EVP_MD_CTX* context = thread_context();
  start(context, algorithm);
  add(context, data);
  end(context, value.bytes.data());
  value.size = static_cast<unsigned>(digest_size(algorithm));
  return value;
}

Bytes digest(DigestAlgorithm algorithm, BytesView data) {
  return to_bytes(digest_value(algorithm, data).view());
}

Sha1 sha1(BytesView data) {
  Sha1 out;
  EVP_MD_CTX* context = thread_context();
  start(context, DigestAlgorithm::kSha1);
  add(context, data);
  end(context, out.data());
  return out;
}

Sha256 sha256(BytesView data) { return sha256(data, {}); }

Sha256 sha256(BytesView a, BytesView b) {
  Sha256 out;
  EVP_MD_CTX* context = thread_context();
  start(context, DigestAlgorithm::kSha256);
  add(context, a);
  add(context, b);
  end(context, out.data());
  return out;
}

struct Hasher::State {
  DigestAlgorithm algorithm;
  DigestCtxPtr context{EVP_MD_CTX_new()};
};

Hasher::Hasher(DigestAlgorithm algorithm) : state_(new State{algorithm}) {
  CHANCERY_CHECK(state_->context != nullptr);
  start(state_->context.get(), algorithm);
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(BytesView data) { add(state_->context.get(), data); }

Bytes Hasher::finish() {
  Bytes out(digest_size(state_->algorithm));
  end(state_->context.get(), out.data());
  start(state_->context.get(), state_->algorithm);
  return out;
}

Bytes hmac(DigestAlgorithm algorithm, BytesView key, BytesView message) {
  // A duplicate of a keyless template, freed and thereby cleared afterwards: 0.8 µs. Keying one
  // context a thread again would take 0.4 µs, but leave the key behind in it.
  const MacCtxPtr context{EVP_MAC_CTX_dup(library().hmac[static_cast<std::size_t>(algorithm)])};
  CHANCERY_CHECK(context != nullptr);
  // OpenSSL takes a null key for "the same as before".
  static constexpr std::uint8_t kEmpty = 0;
  const std::uint8_t* key_data = key.empty() ? &kEmpty : key.data();
  CHANCERY_CHECK(EVP_MAC_init(context.get(), key_data, key.size(), nullptr) == 1);
  CHANCERY_CHECK(EVP_MAC_update(context.get(), message.data(), message.size()) == 1);
  Bytes out(digest_size(algorithm));
  std::size_t size = 0;
  CHANCERY_CHECK(EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 &&
                 size == out.size());
  return out;
}

}  // namespace chancery::crypto
