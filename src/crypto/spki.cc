#include "crypto/spki.h"

#include <array>
#include <string>

#include "asn1/oid.h"
#include "asn1/writer.h"

namespace chancery::crypto {
namespace {

using asn1::Oid;

constexpr Oid kRsaOid("1.2.840.113549.1.1.1");
constexpr Oid kEcOid("1.2.840.10045.2.1");
constexpr Oid kP256Oid("1.2.840.10045.3.1.7");
constexpr Oid kP384Oid("1.3.132.0.34");
constexpr Oid kEd25519Oid("1.3.101.112");
constexpr Oid kMlDsa44Oid("2.16.840.1.101.3.4.3.17");
constexpr Oid kMlDsa65Oid("2.16.840.1.101.3.4.3.18");
constexpr Oid kMlDsa87Oid("2.16.840.1.101.3.4.3.19");

// In the order of KeyAlgorithm.
constexpr std::array<Oid, 7> kKeyOids = {kRsaOid,     kEcOid,      kEcOid,     kEd25519Oid,
                                         kMlDsa44Oid, kMlDsa65Oid, kMlDsa87Oid};

bool is_ec(KeyAlgorithm algorithm) {
  return algorithm == KeyAlgorithm::kEcdsaP256 || algorithm == KeyAlgorithm::kEcdsaP384;
}

Bytes write_identifier(KeyAlgorithm algorithm) {
  asn1::Writer w(32);
  w.sequence([&] {
    w.oid(kKeyOids[static_cast<std::size_t>(algorithm)].der());
    if (algorithm == KeyAlgorithm::kRsa) w.null();
    if (is_ec(algorithm)) w.oid(curve_oid(algorithm));
  });
  return std::move(w).take();
}

using Identifiers = std::array<Bytes, kKeyOids.size()>;

const Identifiers& identifiers() {
  static const Identifiers* const all = [] {
    auto* made = new Identifiers;
    for (std::size_t i = 0; i < made->size(); ++i)
      (*made)[i] = write_identifier(static_cast<KeyAlgorithm>(i));
    return made;
  }();
  return *all;
}

std::string dotted(BytesView oid) {
  const auto parsed = Oid::from_der(oid);
  return parsed ? parsed->to_string() : "?";
}

// Reached when `der` is none of the encodings we write.
std::unexpected<Error> explain_identifier(BytesView der) {
  asn1::Reader outer(der);
  auto reader = outer.enter_sequence();
  if (!reader) return std::unexpected(std::move(reader).error());
  const auto oid = reader->read_oid();
  if (!oid) return std::unexpected(oid.error());
  if (kEcOid.is(*oid)) {
    const auto curve = read_curve(*reader);
    if (!curve) return std::unexpected(curve.error());
  }
  for (const Oid& known : kKeyOids) {
    if (known.is(*oid)) return reader->error("key algorithm has wrong parameters");
  }
  return fail(Code::kUnsupported, "key algorithm " + dotted(*oid) + " is not supported");
}

}  // namespace

BytesView key_algorithm_identifier(KeyAlgorithm algorithm) {
  return identifiers()[static_cast<std::size_t>(algorithm)];
}

BytesView curve_oid(KeyAlgorithm algorithm) {
  return algorithm == KeyAlgorithm::kEcdsaP384 ? kP384Oid.der() : kP256Oid.der();
}

Result<KeyAlgorithm> read_key_algorithm(asn1::Reader& reader) {
  const BytesView der = TRY(reader.read_whole(asn1::kSequence));
  const Identifiers& all = identifiers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (equal(all[i], der)) return static_cast<KeyAlgorithm>(i);
  }
  return explain_identifier(der);
}

Result<KeyAlgorithm> read_curve(asn1::Reader& reader) {
  if (!reader.next_is(asn1::kObjectIdentifier)) {
    if (reader.empty()) return reader.error("EC key names no curve");
    return fail(Code::kUnsupported, "EC keys must use a named curve");
  }
  const BytesView oid = TRY(reader.read_oid());
  if (kP256Oid.is(oid)) return KeyAlgorithm::kEcdsaP256;
  if (kP384Oid.is(oid)) return KeyAlgorithm::kEcdsaP384;
  return fail(Code::kUnsupported, "curve " + dotted(oid) + " is not supported");
}

Bytes write_spki(KeyAlgorithm algorithm, BytesView key_bits) {
  asn1::Writer w(key_bits.size() + 48);
  w.sequence([&] {
    w.raw(key_algorithm_identifier(algorithm));
    w.bit_string(key_bits);
  });
  return std::move(w).take();
}

}  // namespace chancery::crypto
