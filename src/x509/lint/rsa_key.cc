#include "x509/lint/rsa_key.h"

#include <bit>

#include "asn1/oid.h"
#include "asn1/reader.h"

namespace chancery::x509::lint {
namespace {

constexpr asn1::Oid kRsaEncryption("1.2.840.113549.1.1.1");
constexpr std::uint8_t kNull[] = {0x05, 0x00};

Result<RsaKey> read(BytesView spki) {
  asn1::Reader outer(spki);
  asn1::Reader body = TRY(outer.enter_sequence());
  asn1::Reader algorithm = TRY(body.enter_sequence());
  if (!kRsaEncryption.is(TRY(algorithm.read_oid()))) return algorithm.error("no RSA key");
  RsaKey key;
  key.null_parameters = equal(algorithm.rest(), kNull);
  const asn1::BitString bits = TRY(body.read_bit_string());
  asn1::Reader inner(bits.bytes);
  asn1::Reader numbers = TRY(inner.enter_sequence());
  key.modulus = TRY(numbers.read_unsigned());
  key.exponent = TRY(numbers.read_unsigned());
  return key;
}

}  // namespace

std::optional<BytesView> spki_algorithm(BytesView spki) {
  asn1::Reader in(spki);
  auto body = in.enter_sequence();
  if (!body) return std::nullopt;
  const auto identifier = body->read_whole(asn1::kSequence);
  if (!identifier) return std::nullopt;
  return *identifier;
}

std::optional<RsaKey> read_rsa_key(BytesView spki) {
  auto key = read(spki);
  if (!key) return std::nullopt;
  return *key;
}

std::size_t modulus_bits(const RsaKey& key) {
  if (key.modulus.empty()) return 0;
  return key.modulus.size() * 8 - static_cast<std::size_t>(std::countl_zero(key.modulus.front()));
}

}  // namespace chancery::x509::lint
