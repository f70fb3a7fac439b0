#include "crypto/public_key.h"

#include <utility>

#include "asn1/reader.h"
#include "crypto/ecdsa_key.h"
#include "crypto/key_backend.h"
#include "crypto/raw_key.h"
#include "crypto/rsa_key.h"
#include "crypto/signature_scheme.h"
#include "crypto/spki.h"

namespace chancery::crypto {
namespace {

Result<ParsedPublicKey> parse_key(KeyAlgorithm algorithm, BytesView key_bits) {
  if (algorithm == KeyAlgorithm::kRsa) return parse_rsa_public_key(key_bits);
  if (is_ec(algorithm))
    return ParsedPublicKey{{algorithm, 0}, TRY(parse_ec_point(algorithm, key_bits))};
  return ParsedPublicKey{{algorithm, 0}, TRY(parse_raw_public_key(algorithm, key_bits))};
}

}  // namespace

struct PublicKey::State {
  ParsedPublicKey parsed;
  Bytes spki;
  std::size_t key_bits_size;  // they are the end of `spki`
};

Result<PublicKey> PublicKey::from_spki(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const KeyAlgorithm algorithm = TRY(read_key_algorithm(reader));
  const asn1::BitString bits = TRY(reader.read_bit_string());
  if (bits.unused_bits != 0) return reader.error("public key is not a whole number of bytes");
  TRY(reader.finish());
  ParsedPublicKey parsed = TRY(parse_key(algorithm, bits.bytes));
  return PublicKey(
      std::make_shared<const State>(std::move(parsed), to_bytes(der), bits.bytes.size()));
}

KeyType PublicKey::type() const { return state_->parsed.type; }

BytesView PublicKey::spki() const { return state_->spki; }

BytesView PublicKey::key_bits() const {
  return BytesView(state_->spki).last(state_->key_bits_size);
}

bool PublicKey::slow_to_verify() const {
  const KeyAlgorithm algorithm = state_->parsed.type.algorithm;
  return state_->parsed.slow_to_verify || algorithm == KeyAlgorithm::kEcdsaP521 ||
         is_slh_dsa(algorithm);
}

Result<void> PublicKey::verify(SignatureScheme scheme, BytesView message,
                               BytesView signature) const {
  const ParsedPublicKey& parsed = state_->parsed;
  if (!fits(parsed.type.algorithm, scheme)) {
    return fail(Code::kInvalidArgument, to_string(parsed.type) + " keys make no " +
                                            std::string(name(scheme)) + " signatures");
  }
  if (!parsed.key->verify(scheme, message, signature))
    return fail(Code::kRefused, "signature does not verify");
  return {};
}

}  // namespace chancery::crypto
