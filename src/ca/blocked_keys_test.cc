#include "ca/blocked_keys.h"

#include "ca/test_authority.h"

namespace chancery::ca {
namespace {

access::Grant operator_of(const TestAuthority& t) { return access::local_operator(t.scope); }

std::string leaf_fingerprint(const TestAuthority& t) {
  return spki_fingerprint(t.leaf_key.public_key().spki());
}

TEST_CASE("no certificate is issued for a blocked key, with the reason, until it is unblocked") {
  TestAuthority t;
  const BlockedKeys& keys = t.service->blocked_keys();
  t.issue("before.test");

  const std::string fingerprint = leaf_fingerprint(t);
  auto blocked = t.commit(keys.block(operator_of(t), fingerprint, " leaked ", "req-2").value());
  CHECK_FALSE(blocked.already);
  CHECK(blocked.key.reason == "leaked");
  CHECK(keys.block(operator_of(t), fingerprint, "again", "req-3").value().writes().changes.empty());

  const auto refused = t.service->issue(t.authorize("after.test"), t.authority, "req-4");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::kRefused);
  CHECK(refused.error().detail.contains("the key is blocked since 2026-05-01T00:00:00Z: leaked"));
  CHECK(refused.error().to_string().contains("rule=blocked_key"));

  const auto listed = keys.list(t.scope, "", 10).value();
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].spki_sha256 == fingerprint);
  CHECK(listed[0].actor == operator_of(t).actor());

  t.commit(keys.unblock(operator_of(t), fingerprint, "req-5").value());
  CHECK(keys.unblock(operator_of(t), fingerprint, "req-6").error().code == Code::kNotFound);
  t.issue("again.test");
}

TEST_CASE("a key blocked between signature and commit keeps the certificate from its client") {
  TestAuthority t;
  auto staged = t.service->issue(t.authorize("race.test"), t.authority, "req-1").value();
  const BlockedKeys& keys = t.service->blocked_keys();
  t.commit(keys.block(operator_of(t), leaf_fingerprint(t), "leaked", "req-2").value());
  const auto receipt = staged.submit(t.store->committer()).wait(t.outside);
  REQUIRE_FALSE(receipt.has_value());
  CHECK(receipt.error().code == Code::kConflict);
}

TEST_CASE("no certificate and no root is made for a key of the operator's lists") {
  TestAuthority t;
  auto list = std::make_shared<crypto::WeakKeyList>();
  REQUIRE(list->add(leaf_fingerprint(t)).has_value());
  Service service(Dependencies{*t.store, *t.keys, t.clock, t.random, t.log, nullptr, list});
  const auto authority = service.authority(t.scope, "default").value();
  const auto refused = service.issue(t.authorize("weak.test"), authority, "req-1");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().to_string().contains("rule=weak_key"));

  const auto signer = t.keys->generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  REQUIRE(list->add(spki_fingerprint(signer->public_key().spki())).has_value());
  policy::CaRequest request{"root-ca", t.name("Weak"), signer->public_key(), seconds{86'400}, {},
                            {}};
  auto authorization =
      policy::authorize_ca(operator_of(t), request, nullptr, t.clock.now()).value();
  const auto root = service.create_root(std::move(authorization), signer, AuthorityRecord{});
  REQUIRE_FALSE(root.has_value());
  CHECK(root.error().to_string().contains("rule=weak_key"));
}

TEST_CASE("a root is not made with a blocked key, in any mount of the tenant") {
  TestAuthority t;
  const auto signer = t.keys->generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const BlockedKeys& keys = t.service->blocked_keys();
  t.commit(
      keys.block(operator_of(t), spki_fingerprint(signer->public_key().spki()), "x", "").value());
  const record::Scope other{t.scope.tenant, "other/"};
  policy::CaRequest request{"root-ca", t.name("Other"), signer->public_key(), seconds{86'400}, {},
                            {}};
  auto authorization =
      policy::authorize_ca(access::local_operator(other), request, nullptr, t.clock.now()).value();
  AuthorityRecord record;
  record.id = "22222222-2222-4222-8222-222222222222";
  record.name = "other";
  const auto root = t.service->create_root(std::move(authorization), signer, record);
  REQUIRE_FALSE(root.has_value());
  CHECK(root.error().to_string().contains("rule=blocked_key"));
}

TEST_CASE("entries are read strictly") {
  const BlockedKey key{std::string(64, 'a'), "reason", from_unix(1'772'323'200), "token:x"};
  Bytes der = encode(key);
  CHECK(decode_blocked_key(key.spki_sha256, der).value().actor == "token:x");
  CHECK_FALSE(
      decode_blocked_key(key.spki_sha256, BytesView(der).first(der.size() - 1)).has_value());
  der[4] = 2;  // the version
  CHECK_FALSE(decode_blocked_key(key.spki_sha256, der).has_value());

  const std::string digits(64, 'A');
  CHECK(read_spki_fingerprint(digits).value() == std::string(64, 'a'));
  std::string colons = "AA";
  for (int i = 1; i < 32; ++i) colons += ":AA";
  CHECK(read_spki_fingerprint(colons).value() == std::string(64, 'a'));
  for (const std::string& bad :
       {std::string(63, 'a'), std::string(64, 'g'), colons + ":", digits + "aa", std::string()}) {
    CHECK_FALSE(read_spki_fingerprint(bad).has_value());
  }
  TestAuthority t;
  const auto refused = [&](std::string reason) {
    return !t.service->blocked_keys().block(operator_of(t), digits, reason, "").has_value();
  };
  CHECK(refused(" "));
  CHECK(refused(std::string(501, 'a')));
  CHECK(refused("\xff"));
}

}  // namespace
}  // namespace chancery::ca
