#include "crypto/private_key.h"

#include <utility>

#include "asn1/pem.h"
#include "asn1/reader.h"
#include "base/text.h"
#include "crypto/ecdsa_key.h"
#include "crypto/key_backend.h"
#include "crypto/raw_key.h"
#include "crypto/rsa_key.h"
#include "crypto/secret_writer.h"
#include "crypto/signature_scheme.h"
#include "crypto/spki.h"

namespace chancery::crypto {
namespace {

constexpr std::string_view kPkcs8Label = "PRIVATE KEY";
constexpr std::string_view kPkcs1Label = "RSA PRIVATE KEY";
constexpr std::string_view kSec1Label = "EC PRIVATE KEY";
constexpr std::string_view kEncryptedLabel = "ENCRYPTED PRIVATE KEY";

constexpr std::int64_t kVersion1 = 0;
constexpr std::int64_t kVersion2 = 1;  // may hold the public key, RFC 5958 section 2

struct PrivateKeyInfo {
  KeyAlgorithm algorithm;
  BytesView private_key;
  std::optional<BytesView> public_key;
};

Result<PrivateKeyInfo> read_private_key_info(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const std::int64_t version = TRY(reader.read_int64());
  if (version != kVersion1 && version != kVersion2)
    return fail(Code::kUnsupported, "PKCS#8 version is not supported");
  PrivateKeyInfo info{};
  info.algorithm = TRY(read_key_algorithm(reader));
  info.private_key = TRY(reader.read_octet_string());
  // Attributes mean nothing to us.
  [[maybe_unused]] const auto attributes = TRY(reader.read_optional(asn1::context_constructed(0)));
  if (version == kVersion2 && reader.next_is(asn1::context(1))) {
    const asn1::BitString bits = TRY(reader.read_bit_string(asn1::context(1)));
    if (bits.unused_bits != 0) return reader.error("public key is not a whole number of bytes");
    info.public_key = bits.bytes;
  }
  TRY(reader.finish());
  return info;
}

Result<SigningKeyPtr> parse_signing_key(const PrivateKeyInfo& info) {
  if (info.algorithm == KeyAlgorithm::kRsa) return parse_rsa_private_key(info.private_key);
  if (is_ec(info.algorithm)) return parse_ec_private_key(info.algorithm, info.private_key);
  return parse_raw_private_key(info.algorithm, info.private_key);
}

Result<SigningKeyPtr> generate_signing_key(KeyType type, const std::atomic<bool>* cancelled) {
  if (type.algorithm == KeyAlgorithm::kRsa) return generate_rsa_key(type.rsa_bits, cancelled);
  if (is_ec(type.algorithm)) return generate_ec_key(type.algorithm);
  return generate_raw_key(type.algorithm);
}

Result<SigningKeyPtr> parse_sec1(BytesView der) {
  const KeyAlgorithm curve = TRY(read_ec_private_key_curve(der));
  return parse_ec_private_key(curve, der);
}

// find_private_key wants one private key; certificates or EC PARAMETERS beside it are no concern of
// ours.
Result<const asn1::PemBlock*> find_private_key(const std::vector<asn1::PemBlock>& blocks) {
  const asn1::PemBlock* found = nullptr;
  for (const asn1::PemBlock& block : blocks) {
    if (!block.label.ends_with(kPkcs8Label)) continue;
    if (found != nullptr) return fail(Code::kMalformed, "PEM text holds more than one private key");
    found = &block;
  }
  if (found == nullptr) return fail(Code::kMalformed, "PEM text holds no private key");
  return found;
}

}  // namespace

struct PrivateKey::State {
  PublicKey public_key;
  SigningKeyPtr signing_key;

  // The public half goes through the same parser and weak-key rules as anybody's.
  static Result<PrivateKey> make(SigningKeyPtr signing_key) {
    const Bytes key_bits = TRY(signing_key->public_key_bits());
    PublicKey public_key =
        TRY(PublicKey::from_spki(write_spki(signing_key->type().algorithm, key_bits)));
    return PrivateKey(std::make_unique<State>(std::move(public_key), std::move(signing_key)));
  }
};

PrivateKey::PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

Result<PrivateKey> PrivateKey::generate(KeyType type, const std::atomic<bool>* cancelled) {
  return State::make(TRY(generate_signing_key(type, cancelled)));
}

Result<PrivateKey> PrivateKey::from_pkcs8(BytesView der) {
  const PrivateKeyInfo info = TRY(read_private_key_info(der));
  SigningKeyPtr signing_key = TRY(parse_signing_key(info));
  PrivateKey key = TRY(State::make(std::move(signing_key)));
  if (info.public_key && !equal(*info.public_key, key.public_key().key_bits())) {
    return fail(Code::kRefused, "the private key does not belong to its public key");
  }
  return key;
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view text) {
  auto parsed = asn1::parse_pem(text);
  if (!parsed && parsed.error().code == Code::kNotFound)
    return fail(Code::kMalformed, parsed.error().detail);
  const std::vector<asn1::PemBlock> blocks = TRY(std::move(parsed));
  const asn1::PemBlock& block = *TRY(find_private_key(blocks));
  if (block.label == kPkcs8Label) return from_pkcs8(block.der);
  if (block.label == kPkcs1Label) return State::make(TRY(parse_rsa_private_key(block.der)));
  if (block.label == kSec1Label) return State::make(TRY(parse_sec1(block.der)));
  if (block.label == kEncryptedLabel)
    return fail(Code::kUnsupported, "encrypted private keys are not supported; decrypt it first");
  return fail(Code::kUnsupported,
              "PEM label \"" + printable(block.label, 40) + "\" is not supported");
}

const PublicKey& PrivateKey::public_key() const { return state_->public_key; }

Result<SecretBytes> PrivateKey::to_pkcs8() const {
  const SecretBytes octets = TRY(state_->signing_key->private_key_octets());
  return write_secret([&](asn1::Writer& w) {
    w.sequence([&] {
      w.integer(kVersion1);
      w.raw(key_algorithm_identifier(type().algorithm));
      w.octet_string(octets.view());
    });
  });
}

Result<PrivateKey::Traditional> PrivateKey::to_traditional() const {
  if (type().algorithm == KeyAlgorithm::kRsa)
    return Traditional{kPkcs1Label, TRY(state_->signing_key->private_key_octets())};
  if (!is_ec(type().algorithm)) return Traditional{kPkcs8Label, TRY(to_pkcs8())};
  const SecretBytes octets = TRY(state_->signing_key->private_key_octets());
  return Traditional{kSec1Label, TRY(with_curve(type().algorithm, octets.view()))};
}

Result<Bytes> PrivateKey::sign(SignatureScheme scheme, BytesView message) const {
  if (!fits(type().algorithm, scheme)) {
    return fail(Code::kInvalidArgument,
                to_string(type()) + " keys make no " + std::string(name(scheme)) + " signatures");
  }
  return state_->signing_key->sign(scheme, message);
}

}  // namespace chancery::crypto
