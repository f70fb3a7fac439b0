#include <doctest/doctest.h>

#include <string>

#include "crypto/digest.h"
#include "crypto/private_key.h"
#include "jose/jwk.h"
#include "jose/jws.h"

namespace chancery::jose {
namespace {

std::string encoded(std::string_view text) { return base64(as_bytes(text), Base64::kUrl); }

std::string flattened(std::string_view header, std::string_view payload,
                      std::string_view signature = "AAAA") {
  return R"({"protected":")" + encoded(header) + R"(","payload":")" + encoded(payload) +
         R"(","signature":")" + std::string(signature) + "\"}";
}

std::string field_of(const Error& error) {
  for (const Context& step : error.where) {
    if (step.key == "field") return step.value;
  }
  return {};
}

TEST_CASE("JSON is read strictly") {
  CHECK(parse_json(R"({"a":[1,"x",null,true,{"b":2.50}]})").value().find("a")->items.size() == 5);
  for (const char* text : {"", "{", "{} {}", R"({"a":1,"a":2})", R"({"a":{"b":1,"b":1}})",
                           "{'a':1}", "[1,]", "{\"a\":\"\xff\"}", "// x\n{}", "NaN"}) {
    INFO(text);
    CHECK_FALSE(parse_json(text).has_value());
  }
  CHECK(parse_json("[[[[[[[[[1]]]]]]]]]").error().code == Code::kTooLarge);
  std::string many = "[0";
  for (int i = 0; i < 9000; ++i) many += ",0";
  CHECK(parse_json(many + "]").error().code == Code::kTooLarge);
}

TEST_CASE("JWS that RFC 8555 section 6.2 does not allow are refused with the field") {
  const std::string header = R"({"alg":"ES256","nonce":"n","url":"https://h/x","kid":"k"})";
  const Jws jws = read_jws(flattened(header, "{}")).value();
  CHECK(jws.alg == "ES256");
  CHECK(jws.payload == "{}");
  CHECK(jws.kid == "k");
  struct Case {
    std::string text;
    std::string field;
  };
  const std::string good = flattened(header, "{}");
  const auto with = [&](std::string_view more) {
    return good.substr(0, good.size() - 1) + "," + std::string(more) + "}";
  };
  const Case cases[] = {
      {with(R"("header":{"kid":"k"})"), "header"},
      {with(R"("signatures":[])"), "signatures"},
      {flattened(R"({"alg":"ES256","crit":["x"]})", ""), "crit"},
      {flattened(R"({"alg":"ES256","b64":false})", ""), "b64"},
      {flattened(R"({"alg":"ES256","alg":"ES256"})", ""), "protected"},
      {flattened("not json", ""), "protected"},
      {flattened(R"({"kid":"k"})", ""), "alg"},
      {flattened(R"({"alg":"ES256","nonce":1})", ""), "nonce"},
      {flattened(header, "{}", "AAA="), "signature"},
      {flattened(header, "{}", "A+/A"), "signature"},
      {flattened(header, "{}", ""), "signature"},
      {R"({"payload":"","signature":"AA"})", "protected"},
      {R"({"protected":"e30=","payload":"","signature":"AAAA"})", "protected"},
  };
  for (const Case& one : cases) {
    INFO(one.text);
    const auto read = read_jws(one.text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == Code::kMalformed);
    CHECK(field_of(read.error()) == one.field);
  }
  CHECK_FALSE(read_jws(with(R"("payload":"")")).has_value());  // a name twice
  CHECK_FALSE(read_jws("eyJhbGciOiJFUzI1NiJ9.e30.AAAA").has_value());
  CHECK(read_jws(std::string(kMaxJws + 1, ' ')).error().code == Code::kTooLarge);
}

TEST_CASE("a thumbprint is that of RFC 7638 section 3.1, whatever the order of members") {
  constexpr std::string_view kN =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
      "BJECPe"
      "bWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
      "FDW2QvzqY36"
      "8QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
      "bFTWhAI4vMQFh6WeZu0fM4l"
      "Fd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  const std::string n = R"("n":")" + std::string(kN) + '"';
  for (const std::string& text :
       {R"({"kty":"RSA",)" + n + R"(,"e":"AQAB","alg":"RS256","kid":"2011-04-29"})",
        R"({"use":"sig","e":"AQAB",)" + n + R"(,"kty":"RSA"})"}) {
    const Jwk jwk = parse_jwk(parse_json(text).value()).value();
    CHECK(jwk.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    CHECK(jwk.key.type() == crypto::KeyType{crypto::KeyAlgorithm::kRsa, 2048});
  }
  // RFC 8037 appendix A.3.
  CHECK(parse_jwk(parse_json(R"({"kty":"OKP","crv":"Ed25519",
      "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})")
                      .value())
            .value()
            .thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST_CASE("weak, foreign and half-made keys are refused") {
  for (
      const char* text : {
          R"({"kty":"oct","k":"AAAA"})",
          R"({"kty":"EC","crv":"P-224","x":"AAAA","y":"AAAA"})",
          R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})",
          R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
          R"({"kty":"OKP","crv":"Ed25519","d":"AA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
          R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
          R"({"kty":"RSA","n":"AQAB"})",
          R"(["kty"])",
      }) {
    INFO(text);
    CHECK_FALSE(parse_jwk(parse_json(text).value()).has_value());
  }
}

TEST_CASE("a MAC never passes for a signature and its key has a least length") {
  Jws jws = read_jws(flattened(R"({"alg":"HS256"})", "x")).value();
  const Bytes key(32, 7);
  jws.signature = crypto::hmac(crypto::DigestAlgorithm::kSha256, key, as_bytes(jws.signing_input));
  CHECK(verify_mac(jws, key).has_value());
  CHECK_FALSE(verify_mac(jws, BytesView(key).first(31)).has_value());
  jws.signature.back() ^= 1;
  CHECK(verify_mac(jws, key).error().code == Code::kRefused);
  const auto pair = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  CHECK(verify(jws, pair.public_key()).error().code == Code::kUnsupported);
  jws.alg = "none";
  CHECK(verify(jws, pair.public_key()).error().code == Code::kUnsupported);
  CHECK(verify_mac(jws, key).error().code == Code::kUnsupported);
  jws.alg = "ES384";
  CHECK(verify(jws, pair.public_key()).error().code == Code::kInvalidArgument);
}

}  // namespace
}  // namespace chancery::jose
