// The deprecated EC_KEY and ECDSA calls are used on purpose. Measured for P-256 (3.5.7, 300-byte
// message):
//   verify with a key never seen before: ECDSA_verify itself              74.3 µs
//     point + one EC_KEY a thread that takes each point (this file)       76.2
//     EC_KEY_new, EC_KEY_set_group, EC_KEY_oct2key                        77.5
//     EC_KEY_new_by_curve_name, EC_KEY_oct2key                            79.7
//     EVP_PKEY_fromdata, EVP_PKEY_verify_message_init                     85.3
//     d2i_PUBKEY, EVP_DigestVerify                                        95.2
//   sign with a key at hand: ECDSA_sign itself                            24.1
//     digest, ECDSA_sign (this file)                                      24.3
//     EVP_PKEY_sign_message_init, EVP_PKEY_sign                           25.9
//     EVP_DigestSign                                                      26.5
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/ecdsa_key.h"

#include <openssl/ec.h>

#include <array>
#include <optional>

#include "asn1/reader.h"
#include "crypto/library.h"
#include "crypto/secret_writer.h"
#include "crypto/signature_scheme.h"
#include "crypto/spki.h"

namespace chancery::crypto {
namespace {

using EcKeyPtr = std::unique_ptr<EC_KEY, OpenSslDeleter<EC_KEY_free>>;

constexpr std::size_t kMaxScalarSize = 66;
constexpr std::size_t kMaxSignatureSize = 139;  // two INTEGERs of 66 bytes with headers, P-521
constexpr std::uint8_t kUncompressed = 0x04;

std::size_t index_of(KeyAlgorithm curve) {
  CHANCERY_CHECK(is_ec(curve));
  return static_cast<std::size_t>(curve) - static_cast<std::size_t>(KeyAlgorithm::kEcdsaP256);
}

const EC_GROUP* group_of(KeyAlgorithm curve) { return library().curves[index_of(curve)]; }

std::size_t scalar_size(KeyAlgorithm curve) {
  static constexpr std::array<std::size_t, 3> kSizes = {32, 48, 66};
  return kSizes[index_of(curve)];
}

EcKeyPtr make_key(KeyAlgorithm curve) {
  EcKeyPtr key{EC_KEY_new()};
  CHANCERY_CHECK(key != nullptr && EC_KEY_set_group(key.get(), group_of(curve)) == 1);
  return key;
}

// What a thread needs for verifying and would be dear to make each time.
struct Scratch {
  std::array<EcKeyPtr, 3> keys = {make_key(KeyAlgorithm::kEcdsaP256),
                                  make_key(KeyAlgorithm::kEcdsaP384),
                                  make_key(KeyAlgorithm::kEcdsaP521)};
  BnCtxPtr context{BN_CTX_new()};
};

Scratch& scratch() {
  thread_local Scratch own;
  return own;
}

class EcdsaVerifyingKey final : public VerifyingKey {
 public:
  EcdsaVerifyingKey(KeyAlgorithm curve, EcPointPtr point)
      : curve_(curve), point_(std::move(point)) {}

  [[nodiscard]] bool verify(SignatureScheme scheme, BytesView message,
                            BytesView signature) const override {
    if (signature.size() > kMaxSignatureSize) return false;
    EC_KEY* key = scratch().keys[index_of(curve_)].get();
    CHANCERY_CHECK(EC_KEY_set_public_key(key, point_.get()) == 1);
    const DigestValue digest = digest_value(hash_of(scheme), message);
    // ECDSA_verify encodes what it parsed again and compares, so it accepts DER only.
    const bool ok = ECDSA_verify(0, digest.bytes.data(), static_cast<int>(digest.size),
                                 signature.data(), static_cast<int>(signature.size()), key) == 1;
    if (!ok) clear_library_errors();
    return ok;
  }

 private:
  KeyAlgorithm curve_;
  EcPointPtr point_;
};

Bytes encode_point(KeyAlgorithm curve, const EC_POINT* point) {
  Bytes out(1 + 2 * scalar_size(curve));
  CHANCERY_CHECK(EC_POINT_point2oct(group_of(curve), point, POINT_CONVERSION_UNCOMPRESSED,
                                    out.data(), out.size(), nullptr) == out.size());
  return out;
}

class EcdsaSigningKey final : public SigningKey {
 public:
  EcdsaSigningKey(KeyAlgorithm curve, EcKeyPtr key) : curve_(curve), key_(std::move(key)) {}

  [[nodiscard]] KeyType type() const override { return {curve_, 0}; }

  [[nodiscard]] Result<Bytes> public_key_bits() const override {
    return encode_point(curve_, EC_KEY_get0_public_key(key_.get()));
  }

  // RFC 5915; inside PKCS#8 the curve stands in the AlgorithmIdentifier and nowhere else.
  [[nodiscard]] Result<SecretBytes> private_key_octets() const override {
    std::array<std::uint8_t, kMaxScalarSize> scalar{};
    const std::size_t size = scalar_size(curve_);
    CHANCERY_CHECK(BN_bn2binpad(EC_KEY_get0_private_key(key_.get()), scalar.data(),
                                static_cast<int>(size)) == static_cast<int>(size));
    const Bytes point = encode_point(curve_, EC_KEY_get0_public_key(key_.get()));
    SecretBytes der = write_secret([&](asn1::Writer& w) {
      w.sequence([&] {
        w.integer(1);
        w.octet_string(BytesView(scalar).first(size));
        w.nest(asn1::context_constructed(1), [&] { w.bit_string(point); });
      });
    });
    wipe(scalar);
    return der;
  }

  [[nodiscard]] Result<Bytes> sign(SignatureScheme scheme, BytesView message) const override {
    const DigestValue digest = digest_value(hash_of(scheme), message);
    Bytes signature(kMaxSignatureSize);
    unsigned size = 0;
    if (ECDSA_sign(0, digest.bytes.data(), static_cast<int>(digest.size), signature.data(), &size,
                   key_.get()) != 1) {
      return library_failure("ECDSA signing failed");
    }
    // Without memory for the encoding it says that it is done, and a length that is none.
    if (size == 0 || size > signature.size()) return library_failure("ECDSA signing failed");
    signature.resize(size);
    return signature;
  }

 private:
  KeyAlgorithm curve_;
  EcKeyPtr key_;
};

struct PrivateParts {
  BytesView scalar;
  std::optional<KeyAlgorithm> curve;
  std::optional<BytesView> point;
};

Result<PrivateParts> read_private_parts(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1) return reader.error("ECPrivateKey has an unknown version");
  PrivateParts parts;
  parts.scalar = TRY(reader.read_octet_string());
  if (reader.next_is(asn1::context_constructed(0))) {
    asn1::Reader parameters = TRY(reader.enter(asn1::context_constructed(0)));
    parts.curve = TRY(read_curve(parameters));
    TRY(parameters.finish());
  }
  if (reader.next_is(asn1::context_constructed(1))) {
    asn1::Reader explicit_tag = TRY(reader.enter(asn1::context_constructed(1)));
    const asn1::BitString bits = TRY(explicit_tag.read_bit_string());
    TRY(explicit_tag.finish());
    if (bits.unused_bits != 0) return reader.error("EC public key is not a whole number of bytes");
    parts.point = bits.bytes;
  }
  TRY(reader.finish());
  return parts;
}

// scalar_to_key computes the public point from the private number, so the two belong together.
Result<EcKeyPtr> scalar_to_key(KeyAlgorithm curve, BytesView octets) {
  const EC_GROUP* group = group_of(curve);
  const BnPtr scalar = secret_number(octets);
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  if (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(group)) >= 0) {
    return fail(Code::kRefused, "EC private key is out of range");
  }
  const EcPointPtr point{EC_POINT_new(group)};
  EcKeyPtr key = make_key(curve);
  if (point == nullptr ||
      EC_POINT_mul(group, point.get(), scalar.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_KEY_set_private_key(key.get(), scalar.get()) != 1 ||
      EC_KEY_set_public_key(key.get(), point.get()) != 1) {
    return library_failure("EC key import failed");
  }
  return key;
}

}  // namespace

Result<VerifyingKeyPtr> parse_ec_point(KeyAlgorithm curve, BytesView point) {
  if (point.empty()) return fail(Code::kMalformed, "EC public key is empty");
  if (point[0] == 0x02 || point[0] == 0x03)
    return fail(Code::kUnsupported, "compressed EC points are not supported");
  if (point[0] != kUncompressed || point.size() != 1 + 2 * scalar_size(curve)) {
    return fail(Code::kMalformed, "EC public key is not an uncompressed point of its curve");
  }
  EcPointPtr parsed{EC_POINT_new(group_of(curve))};
  CHANCERY_CHECK(parsed != nullptr);
  // Checks that the coordinates are below p and on the curve; the cofactor is 1, so that is all.
  if (EC_POINT_oct2point(group_of(curve), parsed.get(), point.data(), point.size(),
                         scratch().context.get()) != 1) {
    if (ran_out_of_memory()) return fail(Code::kInternal, "out of memory");
    return fail(Code::kRefused, "EC public key is not a point of its curve");
  }
  return std::make_unique<EcdsaVerifyingKey>(curve, std::move(parsed));
}

Result<KeyAlgorithm> read_ec_private_key_curve(BytesView der) {
  const PrivateParts parts = TRY(read_private_parts(der));
  if (!parts.curve) return fail(Code::kMalformed, "EC private key names no curve");
  return *parts.curve;
}

Result<SigningKeyPtr> parse_ec_private_key(KeyAlgorithm curve, BytesView der) {
  const PrivateParts parts = TRY(read_private_parts(der));
  if (parts.curve && *parts.curve != curve)
    return fail(Code::kMalformed, "EC private key names two different curves");
  // RFC 5915 wants the full length; some encoders leave out leading zeros, which is harmless.
  if (parts.scalar.empty() || parts.scalar.size() > scalar_size(curve)) {
    return fail(Code::kMalformed, "EC private key has the wrong length");
  }
  EcKeyPtr key = TRY(scalar_to_key(curve, parts.scalar));
  if (parts.point && !equal(*parts.point, encode_point(curve, EC_KEY_get0_public_key(key.get())))) {
    return fail(Code::kRefused, "the EC private key does not belong to its public key");
  }
  return std::make_unique<EcdsaSigningKey>(curve, std::move(key));
}

Result<SigningKeyPtr> generate_ec_key(KeyAlgorithm curve) {
  EcKeyPtr key = make_key(curve);
  if (EC_KEY_generate_key(key.get()) != 1) return library_failure("EC key generation failed");
  return std::make_unique<EcdsaSigningKey>(curve, std::move(key));
}

Result<SecretBytes> with_curve(KeyAlgorithm curve, BytesView ec_private_key) {
  const PrivateParts parts = TRY(read_private_parts(ec_private_key));
  return write_secret([&](asn1::Writer& w) {
    w.sequence([&] {
      w.integer(1);
      w.octet_string(parts.scalar);
      w.nest(asn1::context_constructed(0), [&] { w.oid(curve_oid(curve)); });
      if (parts.point) w.nest(asn1::context_constructed(1), [&] { w.bit_string(*parts.point); });
    });
  });
}

}  // namespace chancery::crypto
