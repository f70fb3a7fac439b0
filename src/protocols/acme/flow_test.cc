#include "protocols/acme/test_acme.h"

// Challenges, finalize and certificates: RFC 8555 sections 7.4, 7.5 and 8.

namespace chancery::acme {
namespace {

using validation::Problem;

TEST_CASE("61, 62, 63: an order from newOrder to certificate (7.4, 7.4.2)") {
  TestAcme acme;
  auto& client = acme.client;
  REQUIRE(client.register_account().status == 201);
  const auto order = client.order({"a.example", "b.example"});
  CHECK(order.status == 201);
  CHECK(order.text("/status") == "pending");
  CHECK_FALSE(order.header("Location").empty());
  client.prove(order);
  REQUIRE(acme.validator.attempts.size() == 2);
  const auto& attempt = acme.validator.attempts.front();
  CHECK(attempt.method == validation::Method::kHttp01);
  CHECK(attempt.key_authorization.starts_with(attempt.token + "."));
  CHECK(attempt.token.size() >= 22);
  CHECK(client.get(order.header("Location")).text("/status") == "ready");
  const auto done = client.finalize(order, client.make_csr({"b.example", "a.example"}));
  INFO(done.body);
  CHECK(done.status == 200);
  CHECK(done.text("/status") == "valid");
  CHECK(done.header("Location") == order.header("Location"));
  const auto answer = client.get(done.text("/certificate"));
  CHECK(answer.type == "application/pem-certificate-chain");
  const auto chain = x509::Certificate::all_from_pem(answer.body).value();
  CHECK(chain.size() == 2);  // the root is left out
  CHECK(chain.front().subject_alt_names().size() == 2);
  CHECK(answer.body.starts_with("-----BEGIN CERTIFICATE-----\n"));
  CHECK(equal(chain.front().spki(), client.certificate_key.public_key().spki()));
  // The order still tells where the certificate is.
  CHECK(client.get(order.header("Location")).text("/certificate") == done.text("/certificate"));
}

}  // namespace
}  // namespace chancery::acme
