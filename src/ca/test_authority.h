#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "access/principal.h"
#include "base/fakes.h"
#include "base/test_directory.h"
#include "ca/service.h"
#include "crypto/private_key.h"
#include "keys/software/seal.h"
#include "keys/software/software_key_store.h"
#include "policy/evaluate.h"
#include "storage/memory/memory_store.h"
#include "x509/ocsp.h"
#include "x509/oids.h"

namespace chancery::ca {

// TestAuthority is a root authority on a memory store with a clock that stands still.
class TestAuthority {
 public:
  explicit TestAuthority(crypto::KeyType type = {crypto::KeyAlgorithm::kEcdsaP256, 0}) {
    REQUIRE(keys::create_file_seal(directory.path(), random).has_value());
    keys = std::make_unique<keys::SoftwareKeyStore>(
        directory.path(), keys::unseal(directory.path(), {}).value(), random);
    store = storage::memory::make_store(log);
    service = std::make_unique<Service>(Dependencies{*store, *keys, clock, random, log});

    const auto signer = keys->generate(type).value();
    policy::CaRequest request{
        "root-ca", name("Test Root"), signer->public_key(), seconds{10LL * 365 * 86'400}, {}, {}};
    auto authorization =
        policy::authorize_ca(access::local_operator(scope), request, nullptr, clock.now()).value();
    AuthorityRecord record;
    record.id = "11111111-1111-4111-8111-111111111111";
    record.name = "root";
    record.urls = {{"http://ca.test/ca"}, {"http://ca.test/crl"}, {"http://ca.test/ocsp"}};
    commit(service->create_root(std::move(authorization), signer, record).value());
    authority = service->authority(scope, "default").value();
  }

  // What observes commits goes before the store.
  ~TestAuthority() { store->stop(); }
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  template <class T>
  T commit(Staged<T> staged) {
    return staged.release(staged.submit(store->committer()).wait(outside).value());
  }

  [[nodiscard]] static x509::Name name(std::string_view common_name) {
    x509::NameBuilder builder;
    REQUIRE(builder.add(x509::oids::kCommonName, common_name).has_value());
    return builder.build();
  }

  [[nodiscard]] policy::Authorization authorize(const std::string& host, bool no_store = false) {
    policy::Role role;
    role.name = "web";
    role.allow_any_name = true;
    role.key_type = policy::RoleKeyType::kAny;
    role.no_store = no_store;
    policy::IssueRequest request;
    request.common_name = host;
    request.ttl = seconds{3600};
    request.generated_key = leaf_key.public_key();
    auto decision = policy::evaluate(access::local_operator(scope), role, request,
                                     authority->facts({}), clock.now());
    REQUIRE(decision.has_value());
    return std::move(decision->authorization);
  }

  Issued issue(const std::string& host, bool no_store = false) {
    return commit(service->issue(authorize(host, no_store), authority, "req-1").value());
  }

  // ocsp is what this authority's OCSP says of a serial number.
  x509::CertStatus ocsp(BytesView serial) {
    const Bytes id =
        x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, authority->certificate().subject(),
                             authority->public_key(), serial);
    const Bytes request = x509::encode_ocsp_request(std::span(&id, 1), {});
    return x509::OcspResponse::parse(*service->ocsp(scope, request).der)
        .value()
        .entries.at(0)
        .status;
  }

  const record::Scope scope{"root", "pki/"};
  const OnLane outside = OnLane::outside_server();
  FakeClock clock{parse_rfc3339("2026-05-01T00:00:00Z").value()};
  FakeRandom random{42};
  NullLog log;
  crypto::PrivateKey leaf_key =
      crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  TestDirectory directory;
  std::unique_ptr<keys::SoftwareKeyStore> keys;
  std::unique_ptr<storage::ManagedStore> store;
  std::unique_ptr<Service> service;
  std::shared_ptr<const Authority> authority;
};

}  // namespace chancery::ca
