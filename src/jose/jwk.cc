#include "jose/jwk.h"

#include <algorithm>
#include <array>

#include "asn1/writer.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/weak_key.h"

namespace chancery::jose {
namespace {

constexpr std::size_t kMaxRsaBits = 4096;
constexpr std::array<std::uint8_t, 9> kRsa{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
constexpr std::array<std::uint8_t, 7> kEc{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
constexpr std::array<std::uint8_t, 8> kP256{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 5> kP384{0x2b, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<std::uint8_t, 5> kP521{0x2b, 0x81, 0x04, 0x00, 0x23};
constexpr std::array<std::uint8_t, 3> kEd25519{0x2b, 0x65, 0x70};

struct Curve {
  std::string_view name;
  std::size_t size;  // of a coordinate in octets
  BytesView oid;
};
constexpr std::array<Curve, 3> kCurves{Curve{"P-256", 32, kP256}, Curve{"P-384", 48, kP384},
                                       Curve{"P-521", 66, kP521}};

std::unexpected<Error> amiss(std::string_view member, std::string detail,
                             Code code = Code::kMalformed) {
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("field", member));
}

Result<std::string_view> text_of(const Json& jwk, std::string_view name) {
  const std::string* const text = jwk.string(name);
  if (text == nullptr) {
    return amiss(name, "the JWK has no text \"" + std::string(name) + "\"");
  }
  return *text;
}

Result<Bytes> octets_of(const Json& jwk, std::string_view name) {
  const std::string_view text = TRY(text_of(jwk, name));
  auto octets = parse_base64(text, Base64::kUrl);
  if (octets && !octets->empty()) return octets;
  return amiss(name, "\"" + std::string(name) + "\" of the JWK is not base64url without padding");
}

// A Base64urlUInt has no zero octet in front (RFC 7518 section 2).
Result<Bytes> number_of(const Json& jwk, std::string_view name) {
  Bytes octets = TRY(octets_of(jwk, name));
  if (octets.front() != 0) return octets;
  return amiss(name, "\"" + std::string(name) + "\" of the JWK begins with a zero octet");
}

template <class Parameters, class Key>
Bytes spki(Parameters parameters, Key key) {
  asn1::Writer bits;
  key(bits);
  asn1::Writer out;
  out.sequence([&] {
    out.sequence([&] { parameters(out); });
    out.bit_string(bits.view());
  });
  return std::move(out).take();
}

struct Read {
  Bytes spki;
  std::string canonical;  // the required members in the order of the alphabet (RFC 7638)
};

Result<Read> read_rsa(const Json& jwk) {
  const Bytes n = TRY(number_of(jwk, "n"));
  const Bytes e = TRY(number_of(jwk, "e"));
  if (n.size() * 8 > kMaxRsaBits)
    return amiss("n", "RSA account keys have 2048 to 4096 bits", Code::kRefused);
  Read read;
  read.spki = spki(
      [](asn1::Writer& out) {
        out.oid(kRsa);
        out.null();
      },
      [&](asn1::Writer& out) {
        out.sequence([&] {
          out.unsigned_integer(n);
          out.unsigned_integer(e);
        });
      });
  read.canonical = R"({"e":")" + base64(e, Base64::kUrl) + R"(","kty":"RSA","n":")" +
                   base64(n, Base64::kUrl) + "\"}";
  return read;
}

Result<Read> read_ec(const Json& jwk) {
  const std::string_view crv = TRY(text_of(jwk, "crv"));
  const auto curve = std::ranges::find(kCurves, crv, &Curve::name);
  if (curve == kCurves.end()) {
    return amiss("crv", "the curve " + printable(crv, 32) + " is not supported; use P-256",
                 Code::kUnsupported);
  }
  const Bytes x = TRY(octets_of(jwk, "x"));
  const Bytes y = TRY(octets_of(jwk, "y"));
  if (x.size() != curve->size || y.size() != curve->size) {
    return amiss("x", "coordinates on " + std::string(crv) + " have " +
                          std::to_string(curve->size) + " octets");
  }
  Read read;
  read.spki = spki(
      [&](asn1::Writer& out) {
        out.oid(kEc);
        out.oid(curve->oid);
      },
      [&](asn1::Writer& out) {
        constexpr std::uint8_t kUncompressed = 4;
        out.raw({&kUncompressed, 1});
        out.raw(x);
        out.raw(y);
      });
  read.canonical = R"({"crv":")" + std::string(crv) + R"(","kty":"EC","x":")" +
                   base64(x, Base64::kUrl) + R"(","y":")" + base64(y, Base64::kUrl) + "\"}";
  return read;
}

Result<Read> read_okp(const Json& jwk) {
  const std::string_view crv = TRY(text_of(jwk, "crv"));
  if (crv != "Ed25519") {
    return amiss("crv", "the curve " + printable(crv, 32) + " is not supported; use Ed25519",
                 Code::kUnsupported);
  }
  const Bytes x = TRY(octets_of(jwk, "x"));
  Read read;
  read.spki =
      spki([](asn1::Writer& out) { out.oid(kEd25519); }, [&](asn1::Writer& out) { out.raw(x); });
  read.canonical = R"({"crv":"Ed25519","kty":"OKP","x":")" + base64(x, Base64::kUrl) + "\"}";
  return read;
}

Result<Read> read_key(const Json& jwk) {
  const std::string_view kty = TRY(text_of(jwk, "kty"));
  if (kty == "RSA") return read_rsa(jwk);
  if (kty == "EC") return read_ec(jwk);
  if (kty == "OKP") return read_okp(jwk);
  return amiss("kty", "keys of type " + printable(kty, 32) + " are not supported",
               Code::kUnsupported);
}

Result<void> check_purpose(const Json& jwk) {
  if (jwk.find("d") != nullptr || jwk.find("k") != nullptr)
    return amiss("jwk", "the JWK holds a secret key: send the public key alone");
  if (jwk.find("use") != nullptr && TRY(text_of(jwk, "use")) != "sig")
    return amiss("use", "the JWK is not for signatures");
  const Json* const operations = jwk.find("key_ops");
  if (operations == nullptr) return {};
  const bool verifies = std::ranges::any_of(operations->items, [](const Json& one) {
    return one.is(Json::Kind::kString) && one.text == "verify";
  });
  if (verifies) return {};
  return amiss("key_ops", "the JWK is not for verifying signatures");
}

}  // namespace

std::optional<Algorithm> algorithm_of(crypto::KeyType type) {
  switch (type.algorithm) {
    case crypto::KeyAlgorithm::kRsa:
      return Algorithm::kRs256;
    case crypto::KeyAlgorithm::kEcdsaP256:
      return Algorithm::kEs256;
    case crypto::KeyAlgorithm::kEcdsaP384:
      return Algorithm::kEs384;
    case crypto::KeyAlgorithm::kEcdsaP521:
      return Algorithm::kEs512;
    case crypto::KeyAlgorithm::kEd25519:
      return Algorithm::kEdDsa;
    default:
      return std::nullopt;
  }
}

Result<Jwk> parse_jwk(const Json& jwk) {
  if (!jwk.is(Json::Kind::kObject)) return amiss("jwk", "the JWK is no object");
  TRY(check_purpose(jwk));
  const Read read = TRY(read_key(jwk));
  auto key = TRY(crypto::PublicKey::from_spki(read.spki));
  TRY(crypto::check_weak_key(key));
  Jwk result{std::move(key), base64(crypto::sha256(as_bytes(read.canonical)), Base64::kUrl),
             std::nullopt};
  if (jwk.find("alg") != nullptr) {
    const std::string_view alg = TRY(text_of(jwk, "alg"));
    result.alg = parse_algorithm(alg);
    if (!result.alg || result.alg != algorithm_of(result.key.type())) {
      return amiss("alg", "\"alg\" of the JWK, " + printable(alg, 32) + ", does not fit its key",
                   Code::kUnsupported);
    }
  }
  return result;
}

}  // namespace chancery::jose
