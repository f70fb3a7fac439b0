#include "cli/inspect_reader.h"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "asn1/pem.h"
#include "base/fakes.h"
#include "containers/pkcs12.h"
#include "x509/test_certificates.h"

namespace chancery::cli {
namespace {

using x509::testing::kNotAfter;
using x509::testing::kNotBefore;

Result<SecretBytes> nobody() { return fail(Code::kUnauthenticated, "nobody to ask"); }

crypto::PrivateKey new_key() {
  return crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
}

TEST_CASE("times are warned of as they stand to now") {
  const auto ca = x509::testing::make_ca(new_key());
  const auto at = [&](TimePoint now) { return describe(ca, now).warnings; };
  CHECK(at(kNotBefore).empty());
  CHECK(at(kNotBefore - seconds{1}) == std::vector<std::string>{"not yet valid"});
  CHECK(at(kNotAfter + seconds{1}) == std::vector<std::string>{"expired"});
  CHECK(at(kNotAfter - std::chrono::hours{24 * 3}) ==
        std::vector<std::string>{"expires in 3 days"});
}

TEST_CASE("a PEM block that cannot be read does not hide the others") {
  const auto ca = x509::testing::make_ca(new_key());
  const std::string text = asn1::pem("CERTIFICATE", as_bytes("nonsense")) + ca.to_pem() +
                           asn1::pem("DH PARAMETERS", as_bytes("x"));
  const auto items = inspect_bytes(as_bytes(text), kNotBefore, nobody).value();
  REQUIRE(items.size() == 3);
  CHECK(items[0].value.at("kind") == "unreadable");
  CHECK(items[1].value.at("kind") == "certificate");
  CHECK(items[2].value.at("kind") == "other");
}

TEST_CASE("every prefix of a certificate is refused without harm") {
  const auto ca = x509::testing::make_ca(new_key());
  for (std::size_t size = 0; size < ca.der().size(); ++size)
    CHECK_FALSE(inspect_bytes(ca.der().first(size), kNotBefore, nobody).has_value());
}

TEST_CASE("the password is asked for only when the empty one does not open the container") {
  containers::Pkcs12 content;
  auto key = new_key();
  content.certificates.push_back({x509::testing::make_ca(key), "ca", {}, true});
  FakeRandom random;
  for (const std::string_view password : {"", "secret"}) {
    const Bytes der = containers::write_pkcs12(content, password, random, {1000, {}}).value();
    int asked = 0;
    const auto items = inspect_bytes(der, kNotBefore, [&]() -> Result<SecretBytes> {
      ++asked;
      return SecretBytes(as_bytes("secret"));
    });
    REQUIRE(items.has_value());
    CHECK(items->front().title == "CA certificate \"ca\"");
    CHECK(asked == (password.empty() ? 0 : 1));
  }
}

TEST_CASE("the containers of one text share the iterations that a file may cost") {
  containers::Pkcs12 content;
  content.certificates.push_back({x509::testing::make_ca(new_key()), "ca", {}, true});
  FakeRandom random;
  const Bytes der = containers::write_pkcs12(content, "", random, {100, {}}).value();
  const std::string one = asn1::pem("PKCS12", der);
  containers::Pkcs12Limits limits;
  limits.iterations = 300;  // one such container takes 200, for its MAC and its certificates
  const auto kinds = [&](const std::string& text) {
    const auto items = inspect_bytes(as_bytes(text), kNotBefore, nobody, limits).value();
    std::vector<std::string> out;
    for (const Item& item : items) out.emplace_back(item.value.at("kind").as_string());
    return out;
  };
  CHECK(kinds(one) == std::vector<std::string>{"certificate"});
  CHECK(kinds(one + one) == std::vector<std::string>{"unreadable", "unreadable"});
}

}  // namespace
}  // namespace chancery::cli
