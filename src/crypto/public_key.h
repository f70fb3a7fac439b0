#pragma once

#include <memory>
#include <utility>

#include "base/bytes.h"
#include "crypto/algorithm.h"

namespace chancery::crypto {

// PublicKey is a parsed, checked SubjectPublicKeyInfo. Immutable, cheap to copy, thread-safe.
class PublicKey {
 public:
  // from_spki reads a whole SubjectPublicKeyInfo element (RFC 5280 section 4.1.2.7; RFC 3279, 5480,
  // 8410, 9881, 9909, 9935). It accepts named curves with uncompressed points that lie on the
  // curve, canonical points of the curves of RFC 7748 and 8032 that are not of small order, ML-KEM
  // keys with coefficients in range, and odd RSA moduli of 2048..8192 bits in steps of 8 with an
  // odd exponent of at least 3 and at most 64 bits. RSA keys bound to PSS by their algorithm (RFC
  // 4055 section 1.2) are not supported. Errors: kMalformed, kUnsupported (algorithm, curve,
  // compressed point), kRefused (weak: size, exponent, point).
  [[nodiscard]] static Result<PublicKey> from_spki(BytesView der);

  [[nodiscard]] KeyType type() const;
  // The SubjectPublicKeyInfo as DER.
  [[nodiscard]] BytesView spki() const;
  // The content of the subjectPublicKey BIT STRING, over which key identifiers are computed.
  [[nodiscard]] BytesView key_bits() const;

  // slow_to_verify says that verifying takes longer than a reactor may spend (about 0.3 ms): use a
  // lane. True of SLH-DSA, P-521, and RSA with a modulus above 4096 bits or a large exponent.
  [[nodiscard]] bool slow_to_verify() const;

  // verify checks `signature` over `message`. Errors: kRefused (does not verify),
  // kInvalidArgument (the scheme does not fit the key).
  [[nodiscard]] Result<void> verify(SignatureScheme scheme, BytesView message,
                                    BytesView signature) const;

 private:
  friend class PrivateKey;
  struct State;
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace chancery::crypto
