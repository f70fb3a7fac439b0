// Project Wycheproof's JSON web vectors (github.com/C2SP/wycheproof), where the corpus is at hand.
// They are compact JWS; what has three parts is read as its flattened form, the rest is no JWS.

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "base/text.h"
#include "jose/jwk.h"
#include "jose/jws.h"

namespace chancery::jose {
namespace {

namespace json = boost::json;

std::optional<json::value> load(const std::string& file) {
  std::ifstream in(CHANCERY_SOURCE_DIR "/../shared/corpora/wycheproof/" + file);
  if (!in) {
    MESSAGE("SKIPPED: corpus absent: ", file);
    return std::nullopt;
  }
  return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

Result<Jws> read_compact(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 3) return fail(Code::kMalformed, "not three parts");
  json::object flat;
  flat["protected"] = std::string(parts[0]);
  flat["payload"] = std::string(parts[1]);
  flat["signature"] = std::string(parts[2]);
  return read_jws(json::serialize(flat));
}

// The key that a vector's tests are to be verified with. As ACME does, one key, never a set.
bool accepts(const json::object& group, std::string_view text) {
  const auto jws = read_compact(text);
  if (!jws) return false;
  const json::value& holder = group.contains("public") ? group.at("public") : group.at("private");
  const json::object& key = holder.as_object();
  if (key.contains("keys")) return false;
  const Json parsed = parse_json(json::serialize(key)).value();
  if (const std::string* const secret = parsed.string("k")) {
    if (const std::string* const alg = parsed.string("alg"); alg && *alg != jws->alg) return false;
    const auto octets = parse_base64(*secret, Base64::kUrl);
    return octets && verify_mac(*jws, *octets).has_value();
  }
  const auto jwk = parse_jwk(parsed);
  if (!jwk || (jwk->alg && name(*jwk->alg) != jws->alg)) return false;
  return verify(*jws, jwk->key).has_value();
}

// Left out: algorithms that are not offered, which are refused whatever the vector says.
bool is_offered(std::string_view text) {
  const auto jws = read_compact(text);
  return !jws || parse_algorithm(jws->alg).has_value();
}

// The keys of these vectors name an algorithm that RFC 7518 does not have ("ES521"): refused.
const std::set<std::string> kOwnNames{"ES521"};

bool names_unknown_algorithm(const json::object& group) {
  const json::value& holder = group.contains("public") ? group.at("public") : group.at("private");
  const json::object& key = holder.as_object();
  return key.contains("alg") && kOwnNames.contains(std::string(key.at("alg").as_string()));
}

// Base64 with characters of no alphabet: "valid" in the corpus, forbidden by RFC
// 7515 section 2, and so refused here.
const std::set<std::string> kLenientBase64{"InvalidCharacterInsertedInHeader",
                                           "InvalidCharacterInsertedInPayload"};
// The padding that made these invalid is lost in the corpus: they are the bytes of its "ValidMac".
const std::set<std::string> kLostPadding{"invalidBase64Padding", "invalidBase64PaddingInPayload"};

void run(const std::string& file) {
  const auto document = load(file);
  if (!document) return;
  int accepted = 0;
  int refused = 0;
  int skipped = 0;
  for (const json::value& one : document->at("testGroups").as_array()) {
    const json::object& group = one.as_object();
    for (const json::value& test : group.at("tests").as_array()) {
      if (!test.as_object().contains("jws")) continue;
      const std::string text(test.at("jws").as_string());
      const std::string result(test.at("result").as_string());
      const bool ok = accepts(group, text);
      INFO(file, " ", test.at("tcId").as_int64(), " ", std::string(test.at("comment").as_string()));
      const bool lenient = kLenientBase64.contains(std::string(test.at("comment").as_string()));
      const bool lost = kLostPadding.contains(std::string(test.at("comment").as_string()));
      if ((result == "invalid" && !lost) || lenient) CHECK_FALSE(ok);
      if (result == "valid" && !lenient) {
        const bool left_out =
            !is_offered(text) || names_unknown_algorithm(group) ||
            group.at(group.contains("public") ? "public" : "private").as_object().contains("keys");
        if (left_out) ++skipped;
        if (!left_out) CHECK(ok);
      }
      ++(ok ? accepted : refused);
    }
  }
  MESSAGE(file, ": ", accepted, " accepted, ", refused, " refused, ", skipped,
          " valid ones are of algorithms or key sets that are not read");
  CHECK(accepted > 0);
}

TEST_CASE("JWS of Wycheproof") { run("json_web_signature_test.json"); }

TEST_CASE("JWK of Wycheproof") {
  const auto document = load("json_web_key_test.json");
  if (!document) return;
  int refused = 0;
  int accepted = 0;
  for (const json::value& one : document->at("testGroups").as_array()) {
    const json::object& group = one.as_object();
    const json::value& holder = group.contains("public") ? group.at("public") : group.at("private");
    const json::array& keys = holder.at("keys").as_array();
    for (const json::value& test : group.at("tests").as_array()) {
      if (keys.size() != 1) continue;
      json::object single = group;
      single[group.contains("public") ? "public" : "private"] = keys.front();
      const bool ok = accepts(single, test.at("jws").as_string());
      INFO(test.at("tcId").as_int64(), " ", std::string(test.at("comment").as_string()));
      CHECK(ok == (test.at("result").as_string() == "valid"));
      ++(ok ? accepted : refused);
    }
  }
  CHECK(refused > 10);
  CHECK(accepted > 0);
}

}  // namespace
}  // namespace chancery::jose
