#include "crypto/spki.h"

#include <array>
#include <string>

#include "asn1/oid.h"
#include "asn1/writer.h"
#include "crypto/signature_scheme.h"

namespace chancery::crypto {
namespace {

using asn1::Oid;

constexpr Oid kRsaOid("1.2.840.113549.1.1.1");
constexpr Oid kEcOid("1.2.840.10045.2.1");
constexpr Oid kP256Oid("1.2.840.10045.3.1.7");
constexpr Oid kP384Oid("1.3.132.0.34");
constexpr Oid kP521Oid("1.3.132.0.35");

// In the order of KeyAlgorithm: RFC 3279, 5480, 8410, 9881 (ML-DSA), 9909 (SLH-DSA), 9935 (ML-KEM).
constexpr std::array<Oid, 26> kKeyOids = {
    kRsaOid,
    kEcOid,
    kEcOid,
    kEcOid,
    Oid("1.3.101.112"),
    Oid("1.3.101.113"),
    Oid("2.16.840.1.101.3.4.3.17"),
    Oid("2.16.840.1.101.3.4.3.18"),
    Oid("2.16.840.1.101.3.4.3.19"),
    Oid("2.16.840.1.101.3.4.3.20"),
    Oid("2.16.840.1.101.3.4.3.21"),
    Oid("2.16.840.1.101.3.4.3.22"),
    Oid("2.16.840.1.101.3.4.3.23"),
    Oid("2.16.840.1.101.3.4.3.24"),
    Oid("2.16.840.1.101.3.4.3.25"),
    Oid("2.16.840.1.101.3.4.3.26"),
    Oid("2.16.840.1.101.3.4.3.27"),
    Oid("2.16.840.1.101.3.4.3.28"),
    Oid("2.16.840.1.101.3.4.3.29"),
    Oid("2.16.840.1.101.3.4.3.30"),
    Oid("2.16.840.1.101.3.4.3.31"),
    Oid("1.3.101.110"),
    Oid("1.3.101.111"),
    Oid("2.16.840.1.101.3.4.4.1"),
    Oid("2.16.840.1.101.3.4.4.2"),
    Oid("2.16.840.1.101.3.4.4.3"),
};

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
  switch (algorithm) {
    case KeyAlgorithm::kEcdsaP384:
      return kP384Oid.der();
    case KeyAlgorithm::kEcdsaP521:
      return kP521Oid.der();
    default:
      return kP256Oid.der();
  }
}

Result<KeyAlgorithm> parse_key_algorithm(BytesView der) {
  const Identifiers& all = identifiers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (equal(all[i], der)) return static_cast<KeyAlgorithm>(i);
  }
  return explain_identifier(der);
}

Result<KeyAlgorithm> read_key_algorithm(asn1::Reader& reader) {
  const BytesView der = TRY(reader.read_whole(asn1::kSequence));
  return parse_key_algorithm(der);
}

Result<KeyAlgorithm> read_curve(asn1::Reader& reader) {
  if (!reader.next_is(asn1::kObjectIdentifier)) {
    if (reader.empty()) return reader.error("EC key names no curve");
    return fail(Code::kUnsupported, "EC keys must use a named curve");
  }
  const BytesView oid = TRY(reader.read_oid());
  if (kP256Oid.is(oid)) return KeyAlgorithm::kEcdsaP256;
  if (kP384Oid.is(oid)) return KeyAlgorithm::kEcdsaP384;
  if (kP521Oid.is(oid)) return KeyAlgorithm::kEcdsaP521;
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
