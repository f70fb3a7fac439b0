#include "jose/jws.h"

#include <array>

#include "asn1/writer.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "jose/jwk.h"

namespace chancery::jose {
namespace {

std::unexpected<Error> amiss(std::string_view field, std::string detail,
                             Code code = Code::kMalformed) {
  return std::unexpected(Error{code, std::move(detail), {}, {}}.with("field", field));
}

Result<std::string_view> part_of(const Json& object, std::string_view name) {
  const std::string* const part = object.string(name);
  if (part != nullptr) return *part;
  return amiss(name, "the JWS has no text \"" + std::string(name) + "\"");
}

Result<Bytes> decode(std::string_view name, std::string_view part) {
  auto bytes = parse_base64(part, Base64::kUrl);
  if (bytes) return bytes;
  return amiss(name, "\"" + std::string(name) + "\" of the JWS is not base64url without padding");
}

Result<std::optional<std::string>> text_in(const Json& header, std::string_view name) {
  const Json* const member = header.find(name);
  if (member == nullptr) return std::nullopt;
  if (member->is(Json::Kind::kString)) return member->text;
  return amiss(name, "\"" + std::string(name) + "\" of the protected header is no text");
}

Result<Jws> read_header(const Bytes& encoded) {
  const auto parsed = parse_json_object(as_text(encoded));
  if (!parsed) return amiss("protected", "the protected header: " + parsed.error().detail);
  const Json& header = *parsed;
  if (header.find("crit") != nullptr)
    return amiss("crit", "\"crit\" names an extension that is not supported here");
  if (header.find("b64") != nullptr)
    return amiss("b64", "an unencoded payload (RFC 7797) is not supported here");
  Jws jws;
  auto alg = TRY(text_in(header, "alg"));
  if (!alg) return amiss("alg", "the protected header has no \"alg\"");
  jws.alg = *std::move(alg);
  jws.kid = TRY(text_in(header, "kid"));
  jws.url = TRY(text_in(header, "url"));
  jws.nonce = TRY(text_in(header, "nonce"));
  if (const Json* const jwk = header.find("jwk")) jws.jwk = *jwk;
  return jws;
}

std::unexpected<Error> bad_signature() {
  return amiss("signature", "the signature of the JWS does not verify", Code::kRefused);
}

// JWS writes an ECDSA signature as r and s of the curve's length (RFC 7518 section 3.4).
Result<Bytes> to_der(BytesView signature, std::size_t size) {
  if (signature.size() != 2 * size) return bad_signature();
  asn1::Writer out;
  out.sequence([&] {
    out.unsigned_integer(signature.first(size));
    out.unsigned_integer(signature.last(size));
  });
  return std::move(out).take();
}

}  // namespace

Result<Jws> read_jws(const Json& object) {
  if (!object.is(Json::Kind::kObject)) return amiss("jws", "the JWS is no JSON object");
  if (object.find("header") != nullptr)
    return amiss("header", "the JWS has an unprotected \"header\", which ACME forbids");
  if (object.find("signatures") != nullptr)
    return amiss("signatures", "the JWS must be in the flattened serialization: one signature");
  const std::string_view head = TRY(part_of(object, "protected"));
  const std::string_view payload = TRY(part_of(object, "payload"));
  const std::string_view signature = TRY(part_of(object, "signature"));
  const Bytes header = TRY(decode("protected", head));
  Jws jws = TRY(read_header(header));
  const Bytes content = TRY(decode("payload", payload));
  jws.payload = as_text(content);
  jws.signature = TRY(decode("signature", signature));
  if (jws.signature.empty()) return amiss("signature", "the JWS is not signed");
  jws.signing_input.reserve(head.size() + payload.size() + 1);
  jws.signing_input.append(head).append(".").append(payload);
  return jws;
}

Result<Jws> read_jws(std::string_view text) {
  if (text.size() > kMaxJws) return amiss("body", "the JWS is too long", Code::kTooLarge);
  const auto object = parse_json_object(text);
  if (object) return read_jws(*object);
  Error error = object.error();
  error.detail = "the body is not a JWS: " + error.detail;
  return std::unexpected(std::move(error));
}

Result<void> verify(const Jws& jws, const crypto::PublicKey& key) {
  const auto algorithm = parse_algorithm(jws.alg);
  if (!algorithm || is_mac(*algorithm)) {
    return amiss("alg", "the signature algorithm " + printable(jws.alg, 32) + " is not supported",
                 Code::kUnsupported);
  }
  if (algorithm != algorithm_of(key.type())) {
    return amiss("alg",
                 std::string(jws.alg) + " is not for keys of type " + crypto::to_string(key.type()),
                 Code::kInvalidArgument);
  }
  const BytesView message = as_bytes(jws.signing_input);
  const auto verified = [&]() -> Result<void> {
    switch (*algorithm) {
      case Algorithm::kRs256:
        return key.verify(crypto::SignatureScheme::kRsaPkcs1Sha256, message, jws.signature);
      case Algorithm::kEs256:
        return key.verify(crypto::SignatureScheme::kEcdsaSha256, message,
                          TRY(to_der(jws.signature, 32)));
      case Algorithm::kEs384:
        return key.verify(crypto::SignatureScheme::kEcdsaSha384, message,
                          TRY(to_der(jws.signature, 48)));
      case Algorithm::kEs512:
        return key.verify(crypto::SignatureScheme::kEcdsaSha512, message,
                          TRY(to_der(jws.signature, 66)));
      case Algorithm::kEdDsa:
        return key.verify(crypto::SignatureScheme::kEd25519, message, jws.signature);
      default:
        return bad_signature();
    }
  }();
  if (verified) return {};
  return bad_signature();
}

Result<void> verify_mac(const Jws& jws, BytesView key) {
  const auto algorithm = parse_algorithm(jws.alg);
  if (!algorithm || !is_mac(*algorithm)) {
    return amiss("alg",
                 "the MAC algorithm " + printable(jws.alg, 32) +
                     " is not supported: use HS256, HS384 or HS512",
                 Code::kUnsupported);
  }
  const auto hash = *algorithm == Algorithm::kHs256   ? crypto::DigestAlgorithm::kSha256
                    : *algorithm == Algorithm::kHs384 ? crypto::DigestAlgorithm::kSha384
                                                      : crypto::DigestAlgorithm::kSha512;
  if (key.size() < crypto::digest_size(hash))
    return amiss("alg", "the key is too short for " + jws.alg, Code::kInvalidArgument);
  const Bytes expected = crypto::hmac(hash, key, as_bytes(jws.signing_input));
  if (constant_time_equal(expected, jws.signature)) return {};
  return bad_signature();
}

}  // namespace chancery::jose
