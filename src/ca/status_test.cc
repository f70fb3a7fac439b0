#include <doctest/doctest.h>

#include "ca/test_authority.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

namespace chancery::ca {
namespace {

Staged<Service::Revoked> revoke(TestAuthority& t, BytesView serial) {
  return t.service
      ->revoke(access::local_operator(t.scope), serial, x509::ReasonCode::kKeyCompromise, "req-2")
      .value();
}

x509::CertificateList crl(TestAuthority& t) {
  const auto der = t.service->crl(t.authority, &t.outside).value();
  auto list = x509::CertificateList::parse(BytesView(*der)).value();
  CHECK(list.verify_signature(t.authority->public_key()).has_value());
  return list;
}

std::uint64_t number(const x509::CertificateList& list) {
  std::uint64_t value = 0;
  const BytesView magnitude = list.number().value();
  for (const std::uint8_t byte : magnitude) value = value << 8 | byte;
  return value;
}

x509::OcspResponse ocsp(TestAuthority& t, BytesView serial, BytesView nonce = {}) {
  const Bytes id =
      x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, t.authority->certificate().subject(),
                           t.authority->public_key(), serial);
  const Bytes request = x509::encode_ocsp_request(std::span(&id, 1), nonce);
  auto response = x509::OcspResponse::parse(*t.service->ocsp(t.scope, request).der).value();
  CHECK(response.status == x509::OcspStatus::kSuccessful);
  CHECK(response.verify_signature(t.authority->public_key()).has_value());
  return response;
}

TEST_CASE("a revocation shows in OCSP and in the next CRL") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  const BytesView serial = issued.certificate.serial();
  CHECK(ocsp(t, serial).entries.at(0).status == x509::CertStatus::kGood);
  const auto before = crl(t);
  CHECK(before.entry_count() == 0);

  const auto revoked = t.commit(revoke(t, serial));
  CHECK(revoked.revocation.revoked_at == t.clock.now());
  const auto response = ocsp(t, serial);
  CHECK(response.entries.at(0).status == x509::CertStatus::kRevoked);
  CHECK(response.entries.at(0).reason == x509::ReasonCode::kKeyCompromise);
  // The CRL in memory is out of date now, and making one needs the right to block.
  CHECK(t.service->crl(t.authority, nullptr).value() == nullptr);
  const auto after = crl(t);
  CHECK(after.find(serial).value().reason == x509::ReasonCode::kKeyCompromise);
  CHECK(number(after) == number(before) + 1);
  CHECK(t.service->crl(t.authority, nullptr).value() != nullptr);
  CHECK(t.service->find(t.scope, serial).value().revocation.has_value());
}

TEST_CASE("OCSP does not vouch for a serial that was never issued") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  Bytes forged = to_bytes(issued.certificate.serial());
  forged.back() ^= 1;
  const auto response = ocsp(t, forged);
  CHECK(response.entries.at(0).status == x509::CertStatus::kUnknown);
  CHECK_FALSE(response.entries.at(0).next_update.has_value());
  CHECK(ocsp(t, Bytes{0x01, 0x02}).entries.at(0).status == x509::CertStatus::kUnknown);
  CHECK(ocsp(t, t.authority->certificate().serial()).entries.at(0).status ==
        x509::CertStatus::kGood);
}

TEST_CASE("OCSP says good of certificates that are not kept, and of nothing further off") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test", true);
  Bytes serial = to_bytes(issued.certificate.serial());
  CHECK(ocsp(t, serial).entries.at(0).status == x509::CertStatus::kGood);
  // The mark holds after a restart, for the month in which they expire.
  Service again(Dependencies{*t.store, *t.keys, t.clock, t.random, t.log});
  CHECK(again.authority(t.scope, "default").has_value());
  serial[2] ^= 1;
  CHECK(ocsp(t, serial).entries.at(0).status == x509::CertStatus::kUnknown);
  // Only the first one of a month writes it.
  CHECK(t.service->issue(t.authorize("a.test", true), t.authority, "r")
            .value()
            .writes()
            .changes.empty());
}

TEST_CASE("revoking twice keeps the first revocation") {
  TestAuthority t;
  const Issued issued = t.issue("www.example.test");
  auto first = revoke(t, issued.certificate.serial());
  auto second = revoke(t, issued.certificate.serial());  // staged before the first is durable
  const TimePoint revoked_at = t.commit(std::move(first)).revocation.revoked_at;
  CHECK(second.submit(t.store->committer()).wait(t.outside).error().code == Code::kConflict);
  t.clock.advance(seconds{60});
  auto third = revoke(t, issued.certificate.serial());
  CHECK(third.writes().entries.empty());
  CHECK(t.commit(std::move(third)).revocation.revoked_at == revoked_at);
  CHECK(crl(t).entry_count() == 1);
}

TEST_CASE("what cannot be revoked says why") {
  TestAuthority t;
  const auto attempt = [&](BytesView serial) {
    return t.service
        ->revoke(access::local_operator(t.scope), serial, x509::ReasonCode::kUnspecified, {})
        .error();
  };
  const Bytes unknown{0x01, 0x02};
  CHECK(attempt(unknown).detail == "certificate with serial 01:02 not found.");
  CHECK(attempt(t.authority->certificate().serial()).detail ==
        "adding issuer (id: " + t.authority->id() + ") to its own CRL is not allowed");
  const Issued issued = t.issue("www.example.test");
  t.clock.advance(seconds{7200});
  CHECK(attempt(issued.certificate.serial()).code == Code::kRefused);
}

TEST_CASE("a CRL is renewed after half of its validity and its times never go back") {
  TestAuthority t;
  const auto first = crl(t);
  CHECK(number(crl(t)) == number(first));
  t.clock.advance(t.authority->record().crl_validity / 2);
  const auto second = crl(t);
  CHECK(number(second) == number(first) + 1);
  t.clock.advance(seconds{-86'400});
  const Issued issued = t.issue("www.example.test");
  t.commit(revoke(t, issued.certificate.serial()));
  const auto third = crl(t);
  CHECK(number(third) == number(second) + 1);
  CHECK(third.this_update() == second.this_update());
}

TEST_CASE("a new service over the same store continues the CRL") {
  TestAuthority t;
  for (int i = 0; i < 3; ++i) t.commit(revoke(t, t.issue("www.example.test").certificate.serial()));
  const auto before = crl(t);
  t.commit(revoke(t, t.issue("www.example.test").certificate.serial()));
  // As after a restart: nothing in memory, entry file and number from the store.
  const Service again(Dependencies{*t.store, *t.keys, t.clock, t.random, t.log});
  const auto der = const_cast<Service&>(again).crl(t.authority, &t.outside).value();
  const auto list = x509::CertificateList::parse(BytesView(*der)).value();
  CHECK(list.entry_count() == 4);
  CHECK(number(list) == number(before) + 1);
}

// A store that reads, and takes no write when it is told so: as after an I/O error.
class FailingStore final : public record::Store, public record::Committer {
 public:
  explicit FailingStore(record::Store& store) : store_(store) {}
  std::optional<Code> failure;

  record::StateReader& state() override { return store_.state(); }
  record::LogReader& log() override { return store_.log(); }
  record::CertificateIndex& index() override { return store_.index(); }
  record::Committer& committer() override { return *this; }
  record::DerivedFiles& files() override { return store_.files(); }
  Result<void> rebuild_index() override { return store_.rebuild_index(); }
  Result<record::CheckReport> check() override { return store_.check(); }

  Ticket submit(record::WriteSet set) override {
    ++submitted;
    if (!failure) return store_.committer().submit(std::move(set));
    TicketIssuer issuer;
    const Ticket ticket = issuer.ticket();
    issuer.complete(fail(*failure, "the store is out of service"));
    return ticket;
  }
  void observe(record::CommitObserver& observer) override { store_.committer().observe(observer); }
  void reactor_busy() override {}
  void reactor_idle() override {}

  int submitted = 0;

 private:
  record::Store& store_;
};

TEST_CASE("while the store cannot be written, the last CRL is given out until it expires") {
  TestAuthority t;
  FailingStore store(*t.store);
  const Dependencies dependencies{store, *t.keys, t.clock, t.random, t.log};
  Service service(dependencies);
  const auto get = [&] { return service.crl(t.authority, &t.outside); };
  const auto parsed = [&](const Bytes& der) {
    auto list = x509::CertificateList::parse(BytesView(der)).value();
    CHECK(list.verify_signature(t.authority->public_key()).has_value());
    return list;
  };

  t.commit(revoke(t, t.issue("www.example.test").certificate.serial()));
  const auto before = get().value();
  t.commit(revoke(t, t.issue("www.example.test").certificate.serial()));
  store.failure = Code::kUnavailable;
  SUBCASE("out of service") { store.failure = Code::kUnavailable; }
  SUBCASE("full") { store.failure = Code::kStorageFull; }
  SUBCASE("the commit that failed was the CRL's own") { store.failure = Code::kUnknownOutcome; }
  CHECK(*get().value() == *before);
  const int submitted = store.submitted;
  CHECK(*get().value() == *before);
  CHECK(store.submitted == submitted);  // not tried for every request

  // After a start none is in memory: the recorded one is signed again, not one more number used.
  Service again(dependencies);
  const auto made_again = parsed(*again.crl(t.authority, &t.outside).value());
  CHECK(number(made_again) == number(parsed(*before)));
  CHECK(made_again.this_update() == parsed(*before).this_update());
  CHECK(made_again.entry_count() == 1);

  // With the store back, the next one has everything.
  store.failure.reset();
  t.clock.advance(seconds{6});
  CHECK(parsed(*get().value()).entry_count() == 2);

  store.failure = Code::kUnavailable;
  t.clock.advance(t.authority->record().crl_validity);
  CHECK(get().error().code == Code::kUnavailable);  // an expired one is not given out
}

TEST_CASE("a CRL that cannot be made for another reason is not replaced by an old one") {
  TestAuthority t;
  FailingStore store(*t.store);
  Service service(Dependencies{store, *t.keys, t.clock, t.random, t.log});
  CHECK(service.crl(t.authority, &t.outside).has_value());
  t.clock.advance(t.authority->record().crl_validity / 2);
  store.failure = Code::kDataLoss;
  CHECK(service.crl(t.authority, &t.outside).error().code == Code::kDataLoss);
}

TEST_CASE("OCSP answers unknown issuers, bad requests and nonces") {
  TestAuthority t;
  TestAuthority other;
  const Bytes serial{0x01, 0x02, 0x03};
  const Bytes id = x509::encode_cert_id(crypto::DigestAlgorithm::kSha256,
                                        other.authority->certificate().subject(),
                                        other.authority->public_key(), serial);
  const auto unknown =
      x509::OcspResponse::parse(
          *t.service->ocsp(t.scope, x509::encode_ocsp_request(std::span(&id, 1), {})).der)
          .value();
  CHECK(unknown.entries.at(0).status == x509::CertStatus::kUnknown);
  const auto bad =
      x509::OcspResponse::parse(*t.service->ocsp(t.scope, as_bytes("nonsense")).der).value();
  CHECK(bad.status == x509::OcspStatus::kMalformedRequest);
  const Bytes nonce(32, 0x5a);
  CHECK(equal(ocsp(t, serial, nonce).nonce.value(), nonce));
}

TEST_CASE("an offline authority's CRL is imported and never goes back") {
  TestAuthority root;
  const auto first = root.service->crl(root.authority, &root.outside).value();
  root.commit(revoke(root, root.issue("sub.example.test").certificate.serial()));
  const auto second = root.service->crl(root.authority, &root.outside).value();

  TestAuthority t;
  AuthorityRecord record = root.authority->record();
  record.id = "33333333-3333-4333-8333-333333333333";
  record.name = "offline";
  record.key_id.clear();
  record.is_default = false;
  const auto grant = [&] { return access::local_operator(t.scope); };
  t.commit(t.service->add_authority(grant(), record).value());
  const auto offline = t.service->authority(t.scope, "offline").value();
  CHECK(t.service->crl(offline, &t.outside).error().code == Code::kNotFound);
  t.commit(t.service->import_crl(grant(), *offline, *second).value());
  CHECK(*t.service->crl(offline, &t.outside).value() == *second);
  CHECK(t.service->import_crl(grant(), *offline, *first).error().code == Code::kRefused);
  CHECK(t.service->import_crl(grant(), *t.authority, *second).error().code == Code::kRefused);
}

}  // namespace
}  // namespace chancery::ca
