#include "ca/status_identity.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <thread>

#include "ca/crl_state.h"
#include "ca/crl_watch.h"
#include "ca/hierarchy.h"
#include "ca/mass_revocation.h"
#include "ca/test_authority.h"
#include "ca/tidier.h"
#include "policy/authority_request.h"
#include "x509/crl.h"

namespace chancery::ca {
namespace {

constexpr seconds kDay{86'400};
using AuthorityPtr = std::shared_ptr<const Authority>;

// Twins is an authority to which twins come: other certificates for its name and key.
struct Twins : TestAuthority {
  [[nodiscard]] access::Grant grant() const { return access::local_operator(scope); }
  AuthorityPtr find(std::string_view ref) { return service->authority(scope, ref).value(); }

  // renew makes another root of the same name and key, as an operator does.
  AuthorityPtr renew(const std::string& issuer_name) {
    return make_root(issuer_name, "Test Root", authority->record().key_id);
  }
  AuthorityPtr make_root(const std::string& issuer_name, const std::string& subject,
                         const std::string& key_ref) {
    Hierarchy& hierarchy = service->hierarchy();
    AuthorityKey key = hierarchy.existing_key(scope, key_ref).value();
    policy::AuthorityRequest request;
    request.content.common_name = subject;
    request.content.generated_key = key.public_key();
    auto authorization =
        std::move(policy::authorize_root(grant(), request, {}, clock.now())->authorization);
    commit(hierarchy.create_root(std::move(authorization), key, issuer_name, "req-n").value());
    return find(issuer_name);
  }
  // add_as_before adds a twin in the way of a store that knows of no identities.
  AuthorityPtr add_as_before(const std::string& id) {
    AuthorityRecord record = authority->record();
    record.id = record.name = id;
    record.is_default = false;
    record.created += seconds{1};
    commit(service->add_authority(grant(), record).value());
    return find(id);
  }
  Bytes issue_by(AuthorityPtr issuer, bool no_store = false) {
    const AuthorityPtr first = std::exchange(authority, std::move(issuer));
    const Bytes serial = to_bytes(issue("www.example.test", no_store).certificate.serial());
    authority = first;
    return serial;
  }
  Service::Revoked revoke(BytesView serial, const RevocationWish& wish = {}) {
    return commit(service->revoke(grant(), serial, wish, "req-r").value());
  }
  // revoke_as_before writes what a program that knows of no identities wrote.
  void revoke_as_before(const std::string& issuer_id, BytesView serial,
                        x509::ReasonCode reason = x509::ReasonCode::kUnspecified) {
    const bool hold = reason == x509::ReasonCode::kCertificateHold;
    const Bytes row = encode(Revocation{clock.now(), reason, {}});
    record::WriteSet writes;
    writes.put(revocation_key(scope, issuer_id, serial), row);
    if (hold) writes.put(hold_key(scope, issuer_id, serial), row);
    writes.append(
        {hold ? record::EventKind::kCertificateHeld : record::EventKind::kCertificateRevoked,
         clock.now(),
         scope,
         "operator",
         {},
         hex(serial),
         {{"issuer", issuer_id}, {"reason", std::string(x509::name(reason))}},
         {}});
    REQUIRE(store->committer().submit(std::move(writes)).wait(outside).has_value());
  }
  void put_crl_row(const std::string& id, const CrlState& state) {
    record::WriteSet writes;
    writes.put(crl_key(scope, id), encode(state));
    REQUIRE(store->committer().submit(std::move(writes)).wait(outside).has_value());
  }
  void configure(auto change) {
    StatusSettings settings = service->status_settings().find(scope).value();
    change(settings);
    commit(service->status_settings().put(grant(), settings, "req-s").value());
  }
  void change(const std::string& ref, const IssuerChange& wanted) {
    commit(service->hierarchy().change_issuer(grant(), ref, wanted, "req-c").value());
  }
  void erase(const std::string& ref) {
    commit(service->hierarchy().delete_issuer(grant(), ref, "req-d").value());
  }
  std::string import_certificate(BytesView der) {
    const auto certificate = x509::Certificate::parse(der).value();
    return commit(service->hierarchy()
                      .import_bundle(grant(), std::span(&certificate, 1), {}, "req-i")
                      .value())
        .issuers.at(0);
  }
  // restart: nothing is in memory any more.
  void restart() {
    earlier.push_back(std::move(service));  // the store still tells it of commits
    service = std::make_unique<Service>(Dependencies{*store, *keys, clock, random, log});
  }
  std::shared_ptr<const PublishedCrl> published(const AuthorityPtr& issuer,
                                                CrlName name = CrlKind::kComplete) {
    return service->published_crl(issuer, name, &outside).value();
  }
  x509::CertificateList crl(const AuthorityPtr& issuer, CrlName name = CrlKind::kComplete) {
    const auto made = published(issuer, name);
    auto list = x509::CertificateList::parse(made->der.view()).value();
    CHECK(list.verify_signature(issuer->public_key()).has_value());
    CHECK(list.entry_count() == made->count);
    return list;
  }
  bool same_crl(const AuthorityPtr& one, const AuthorityPtr& other,
                CrlName name = CrlKind::kComplete) {
    return equal(published(one, name)->der.view(), published(other, name)->der.view());
  }
  StatusIdentities stored() { return read_status_identities(store->state(), scope).value(); }

  std::vector<std::unique_ptr<Service>> earlier;
};

TEST_CASE("twins have one CRL and one answer, whichever of them issued and is asked") {
  Twins t;
  const Bytes before = t.issue_by(t.authority);
  t.revoke(before);
  const std::uint64_t number = t.published(t.authority)->number;
  const AuthorityPtr twin = t.renew("twin");
  REQUIRE_FALSE(equal(twin->certificate().der(), t.authority->certificate().der()));
  // It has what there was, under the number that it had.
  CHECK(t.published(twin)->number == number);
  CHECK(t.same_crl(twin, t.authority));
  CHECK(t.crl(twin).find(before).has_value());

  const Bytes by_first = t.issue_by(t.authority);
  const Bytes by_twin = t.issue_by(twin);
  CHECK(t.ocsp(by_twin) == x509::CertStatus::kGood);
  t.revoke(by_first);
  CHECK(t.crl(twin).find(by_first).has_value());
  t.revoke(by_twin, x509::ReasonCode::kKeyCompromise);
  CHECK(t.crl(t.authority).find(by_twin)->reason == x509::ReasonCode::kKeyCompromise);
  CHECK(t.same_crl(twin, t.authority));
  CHECK(t.published(twin)->number == number + 2);
  CHECK(t.published(twin)->count == 3);
  for (const Bytes* serial : {&before, &by_first, &by_twin}) {
    CHECK(t.ocsp(*serial) == x509::CertStatus::kRevoked);
    CHECK(t.service->find(t.scope, *serial)->revocation.has_value());
    CHECK(t.revoke(*serial).already);
  }
  CHECK(t.service->list_revoked(t.scope, {}, 10)->size() == 3);
  // What issued a certificate stays known.
  CHECK(t.service->find(t.scope, by_twin)->row.issuer_id == twin->id());

  // One of them makes it, once.
  t.commit(t.service->status_settings().put(t.grant(), StatusSettings{}, "s").value());
  REQUIRE(t.service->rotate_crls(t.scope, CrlKind::kComplete, t.outside).has_value());
  CHECK(t.published(twin)->number == number + 3);
  const auto reports = t.service->crl_watch().look(t.scope, t.outside).value();
  CHECK(reports.size() == 2);
  for (const CrlReport& report : reports) CHECK(report.health == StatusHealth::kOk);

  t.restart();
  CHECK(t.published(t.find("twin"))->number == number + 4);
  CHECK(t.same_crl(t.find("twin"), t.find("root")));
  CHECK(t.ocsp(by_twin) == x509::CertStatus::kRevoked);
}

TEST_CASE("holds, delta CRLs and certificates that are not kept are those of all twins") {
  Twins t;
  const AuthorityPtr twin = t.renew("twin");
  t.configure([](StatusSettings& s) { s.auto_rebuild = s.delta_enabled = true; });
  const Bytes held = t.issue_by(twin);
  const Bytes revoked = t.issue_by(twin);
  t.revoke(held, x509::ReasonCode::kCertificateHold);
  CHECK(t.crl(t.authority).find(held).has_value());
  t.commit(t.service->release(t.grant(), held, "req-l").value());
  CHECK(t.ocsp(held) == x509::CertStatus::kGood);
  t.revoke(revoked);
  const auto delta = t.crl(t.authority, CrlKind::kDelta);
  CHECK(delta.find(revoked).has_value());
  CHECK(delta.find(held)->reason == x509::ReasonCode::kRemoveFromCrl);
  CHECK(t.same_crl(twin, t.authority, CrlKind::kDelta));
  CHECK(t.published(twin, CrlKind::kDelta)->number > t.published(twin)->number);
  const Bytes unkept = t.issue_by(twin, true);
  CHECK(t.ocsp(unkept) == x509::CertStatus::kGood);
  // A start gives out the same CRL again.
  const auto number = t.published(twin)->number;
  t.restart();
  CHECK(t.published(t.find("twin"))->number == number);
}

TEST_CASE("a shard's CRL has the URLs of all twins, whose settings may differ") {
  Twins t;
  const AuthorityPtr twin = t.renew("twin");
  t.configure([](StatusSettings& s) { s.crl_shards = 1; });
  IssuerChange first;
  first.urls.crl_distribution_points = {{"http://a.test/{{crl_shard_1}}.crl"}};
  first.urls.templated = true;
  t.change("root", first);
  IssuerChange other = first;
  other.urls.crl_distribution_points = {{"http://b.test/{{crl_shard_1}}.crl"}};
  t.change("twin", other);
  const CrlName shard{CrlKind::kComplete, Shard{1, 0}};
  const Bytes serial = t.issue_by(t.find("twin"));
  t.revoke(serial);
  const auto list = t.crl(t.find("root"), shard);
  CHECK(list.find(serial).has_value());
  REQUIRE(list.scope()->full_name.size() == 2);
  CHECK(list.scope()->full_name[1].text() == "http://b.test/1-0.crl");
  CHECK(t.same_crl(t.find("root"), t.find("twin"), shard));

  // One that may not sign CRLs has those of the one that may.
  IssuerChange restricted;
  restricted.usage = Usage(Usage::kIssuing);
  t.change("root", restricted);
  CHECK(t.crl(t.find("root")).find(serial).has_value());
  CHECK(t.same_crl(t.find("root"), t.find("twin")));
  CHECK(t.ocsp(serial) == x509::CertStatus::kRevoked);
  t.change("twin", restricted);
  const auto refused = t.service->published_crl(t.find("root"), CrlKind::kComplete, &t.outside);
  CHECK(refused.error().code == Code::kRefused);
}

TEST_CASE("a twin that is deleted leaves its revocations and numbers to the other") {
  Twins t;
  const AuthorityPtr twin = t.renew("twin");
  const Bytes revoked = t.issue_by(t.authority);
  const Bytes later = t.issue_by(t.authority);
  const Bytes last = t.issue_by(twin);
  t.revoke(revoked);
  std::uint64_t number = t.published(t.authority)->number;
  const Bytes first_certificate = t.authority->record().certificate;
  t.erase("root");
  CHECK(t.published(twin)->number >= number);
  CHECK(t.crl(twin).find(revoked).has_value());
  CHECK(t.ocsp(revoked) == x509::CertStatus::kRevoked);
  CHECK(t.ocsp(later) == x509::CertStatus::kGood);
  t.revoke(later);
  CHECK(t.crl(twin).find(later).has_value());
  CHECK(t.published(twin)->number > number);
  CHECK(t.ocsp(later) == x509::CertStatus::kRevoked);

  // None is left, and the certificate comes again: under another id, with the same past.
  t.revoke(last);
  number = t.published(twin)->number;
  t.erase("twin");
  CHECK(t.service->find(t.scope, last)->revocation.has_value());
  t.restart();
  const std::string again = t.import_certificate(first_certificate);
  CHECK(again != t.authority->id());
  CHECK(t.find(again)->status().id == t.authority->id());
  CHECK(t.published(t.find(again))->number > number);
  const auto list = t.crl(t.find(again));
  for (const Bytes* serial : {&revoked, &later, &last}) CHECK(list.find(*serial).has_value());
  CHECK(t.ocsp(last) == x509::CertStatus::kRevoked);
}

TEST_CASE("an issuer that was deleted before it had twins is remembered by the history") {
  Twins t;
  const Bytes serial = t.issue_by(t.authority);
  t.revoke(serial);
  t.published(t.authority);
  const std::uint64_t number = t.published(t.authority)->number;
  const Bytes certificate = t.authority->record().certificate;
  t.erase("root");
  CHECK(t.stored().empty());
  t.restart();
  const AuthorityPtr again = t.find(t.import_certificate(certificate));
  CHECK(t.crl(again).find(serial).has_value());
  CHECK(t.published(again)->number > number);
}

TEST_CASE("twins in a store from before come together, and nothing is forgotten") {
  Twins t;
  const Bytes by_first = t.issue_by(t.authority);
  t.revoke_as_before(t.authority->id(), by_first);
  const std::uint64_t first_number = t.published(t.authority)->number;
  const std::string twin_id = "22222222-2222-4222-8222-222222222222";
  const AuthorityPtr twin = t.add_as_before(twin_id);
  const Bytes by_twin = t.issue_by(twin);
  const Bytes held = t.issue_by(twin);
  const Bytes ended = t.issue_by(twin);
  t.revoke_as_before(twin_id, by_twin);
  t.revoke_as_before(t.authority->id(), by_twin);  // as when an issuer was revoked at both
  for (const Bytes* serial : {&held, &ended})
    t.revoke_as_before(twin_id, *serial, x509::ReasonCode::kCertificateHold);
  t.put_crl_row(twin_id, CrlState{first_number + 40, t.clock.now() + kDay, t.clock.now(), {}});
  t.restart();
  REQUIRE(t.stored().empty());

  AuthorityPtr root = t.find("root");
  CHECK(root->status().id == t.find(twin_id)->status().id);
  CHECK(root->status().id != root->id());
  auto list = t.crl(root);
  CHECK(list.entry_count() == 4);
  for (const Bytes* serial : {&by_first, &by_twin, &held, &ended}) {
    CHECK(list.find(*serial).has_value());
    CHECK(t.ocsp(*serial) == x509::CertStatus::kRevoked);
  }
  const std::uint64_t number = t.published(root)->number;
  CHECK(number > first_number + 40);
  CHECK(list.this_update() == t.clock.now() + kDay);  // neither do times go back
  CHECK(t.same_crl(root, t.find(twin_id)));

  // What lies where it was before can still end, and get worse.
  t.commit(t.service->release(t.grant(), ended, "req-l").value());
  CHECK(t.ocsp(ended) == x509::CertStatus::kGood);
  t.revoke(held, x509::ReasonCode::kKeyCompromise);
  CHECK(t.revoke(by_twin).already);
  const Bytes fresh = t.issue_by(t.find(twin_id));
  t.revoke(fresh);
  list = t.crl(root);
  CHECK(list.entry_count() == 4);
  CHECK(list.find(held)->reason == x509::ReasonCode::kKeyCompromise);
  CHECK_FALSE(list.find(ended).has_value());
  CHECK(t.published(root)->number == number + 1);

  // The next change writes it down, and the one that is left goes on.
  t.erase("root");
  CHECK(t.stored().size() == 1);
  t.restart();
  const auto left = t.crl(t.find(twin_id));
  CHECK(left.entry_count() == 4);
  CHECK(t.published(t.find(twin_id))->number > number + 1);
  CHECK(t.ocsp(by_first) == x509::CertStatus::kRevoked);
  // A file that was lost becomes the same again.
  REQUIRE(t.store->files().remove("crl-" + t.find(twin_id)->status().id).has_value());
  t.revoke(ended);
  CHECK(t.crl(t.find(twin_id)).entry_count() == 5);
}

TEST_CASE("a mass revocation and a tidy go over the rows of all twins") {
  Twins t;
  bool from_before = false;
  SUBCASE("made now") {}
  SUBCASE("from before") { from_before = true; }
  const std::string id = "22222222-2222-4222-8222-222222222222";
  const AuthorityPtr twin = from_before ? t.add_as_before(id) : t.renew("twin");
  std::vector<Bytes> serials;
  for (int i = 0; i < 3; ++i) {
    serials.push_back(t.issue_by(t.authority));
    serials.push_back(t.issue_by(twin));
  }
  from_before ? t.revoke_as_before(id, serials[1]) : static_cast<void>(t.revoke(serials[1]));
  MassWish wish;
  wish.issuer_id = twin->id();
  MassJob job = t.commit(t.service->mass_revocation().start(t.grant(), wish, "req-m").value());
  t.service->mass_revocation().wait();
  job = t.service->mass_revocation().find(t.scope, job.id).value();
  CHECK(job.state == MassState::kFinished);
  CHECK(job.revoked == 2);
  CHECK(job.already == 1);
  const AuthorityPtr root = t.find("root");
  CHECK(t.crl(root).entry_count() == 3);

  t.clock.advance(kDay * 5);
  CHECK(t.crl(root).entry_count() == 3);  // once past their expiry
  TidyWish tidy;
  tidy.revoked_certs = true;
  t.commit(t.service->tidier().start(t.grant(), tidy, "req-t").value());
  t.service->tidier().wait();
  CHECK(t.service->tidier().status(t.scope).revocations_removed == 3);
  CHECK(t.crl(root).entry_count() == 0);
  CHECK(t.same_crl(root, t.find(twin->id())));
  t.restart();
  CHECK(t.crl(t.find("root")).entry_count() == 0);
}

TEST_CASE("what imported CRLs told stays on those that are made once the key is here") {
  const auto key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  Twins origin;
  const auto import_key = [&](Twins& to) {
    to.commit(to.service->hierarchy().import_key(to.grant(), key, "k", "req-k").value());
  };
  import_key(origin);
  const AuthorityPtr offline = origin.make_root("offline", "Offline Root", "k");
  const Bytes gone = origin.issue_by(offline);
  const Bytes known = origin.issue_by(offline);
  origin.revoke(known);
  origin.published(offline);
  origin.revoke(gone);
  const Bytes crl = *origin.service->crl(offline, &origin.outside).value();
  const AuthorityPtr renewed = origin.make_root("twin", "Offline Root", "k");

  Twins t;
  const std::string id = t.import_certificate(offline->record().certificate);
  const std::string twin_id = t.import_certificate(renewed->record().certificate);
  REQUIRE(t.find(id)->signer() == nullptr);
  CHECK(t.service->crl(t.find(twin_id), &t.outside).error().code == Code::kNotFound);
  t.commit(t.service->import_crl(t.grant(), *t.find(id), crl).value());
  CHECK(*t.service->crl(t.find(twin_id), &t.outside).value() == crl);
  CHECK(t.service->import_crl(t.grant(), *t.find(twin_id), crl).error().code == Code::kRefused);
  const std::uint64_t number = t.published(t.find(id))->number;

  import_key(t);
  const AuthorityPtr first = t.find(id);
  REQUIRE(first->signer() != nullptr);
  auto list = t.crl(first);
  CHECK(t.published(first)->number == number + 1);
  CHECK(list.entry_count() == 2);
  CHECK(list.find(gone).has_value());
  CHECK(t.service->import_crl(t.grant(), *first, crl).error().code == Code::kRefused);
  // One of them is revoked here as well: it stands once, and the rest stays.
  const auto certificate =
      x509::Certificate::parse(origin.service->find(origin.scope, known)->der).value();
  t.commit(t.service->revoke_certificate(t.grant(), certificate, {}, "req-v").value());
  t.restart();
  list = t.crl(t.find(twin_id));
  CHECK(list.entry_count() == 2);
  CHECK(list.find(known).has_value());
  CHECK(list.find(gone).has_value());
}

TEST_CASE("twins are revoked and read at the same time, and no number has two contents") {
  Twins t;
  const AuthorityPtr twin = t.renew("twin");
  constexpr int kEach = 20;
  std::array<std::vector<Bytes>, 2> serials;
  for (int i = 0; i < kEach; ++i) {
    serials[0].push_back(t.issue_by(t.authority));
    serials[1].push_back(t.issue_by(twin));
  }
  std::mutex mutex;
  std::map<std::uint64_t, Bytes> seen;
  bool good = true;
  const auto look = [&](const AuthorityPtr& issuer, std::uint64_t& last, BytesView serial) {
    const auto crl = t.service->published_crl(issuer, CrlKind::kComplete, &t.outside).value();
    const auto list = x509::CertificateList::parse(crl->der.view()).value();
    const std::scoped_lock lock(mutex);
    const auto [it, is_new] = seen.try_emplace(crl->number, to_bytes(crl->der.view()));
    good = good && equal(it->second, crl->der.view()) && crl->number >= last &&
           list.find(serial).has_value();
    last = crl->number;
  };
  {
    std::vector<std::jthread> threads;
    for (const std::size_t which : {0U, 1U}) {
      threads.emplace_back([&, which] {
        std::uint64_t last = 0;
        for (const Bytes& serial : serials[which]) {
          t.revoke(serial);
          // The other one's CRL tells of it.
          look(which == 0 ? twin : t.authority, last, serial);
        }
      });
    }
  }
  CHECK(good);
  CHECK(t.crl(twin).entry_count() == 2 * kEach);
}

TEST_CASE("the same name and key in another mount is another one") {
  Twins t;
  const record::Scope other{"root", "other/"};
  AuthorityRecord record = t.authority->record();
  record.id = "33333333-3333-4333-8333-333333333333";
  t.commit(t.service->add_authority(access::local_operator(other), record).value());
  const Bytes serial = t.issue_by(t.authority);
  t.revoke(serial);
  const AuthorityPtr there = t.service->authority(other, record.id).value();
  CHECK(there->status().id == record.id);
  CHECK(t.crl(there).entry_count() == 0);
  CHECK(t.crl(t.authority).entry_count() == 1);
}

TEST_CASE("identities join whichever way twins come, and are read strictly") {
  StatusIdentities identities;
  CHECK(admit(identities, "a", {}).has_value());
  CHECK(identities.empty());
  REQUIRE(admit(identities, "b", {"a"}).has_value());
  CHECK(identity_of(identities, "b").id == "a");
  CHECK(identity_of(identities, "b").elders.empty());
  REQUIRE(admit(identities, "d", {"c"}).has_value());
  // Two that had rows become one under a third id.
  REQUIRE(admit(identities, "e", {"b", "d", "a"}).has_value());
  REQUIRE(identities.size() == 1);
  const StatusIdentity& joined = identities.front();
  CHECK(joined.elders == std::vector<std::string>{"a", "c"});
  CHECK(joined.members == std::vector<std::string>{"b", "d", "e"});
  CHECK(joined.sources().size() == 3);
  CHECK(joined.covers(joined.id));
  CHECK(identity_of(identities, "z").id == "z");

  const Bytes der = encode(identities);
  CHECK(encode(decode_status_identities(der).value()) == der);
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK_FALSE(decode_status_identities(BytesView(der).first(size)).has_value());
  Bytes other_version = der;
  other_version[4] = 2;
  CHECK(decode_status_identities(other_version).error().code == Code::kUnsupported);
  for (int i = 0; i < 1000; ++i) static_cast<void>(admit(identities, std::to_string(i), {"a"}));
  CHECK(admit(identities, "last", {"a"}).error().code == Code::kTooLarge);
  CHECK(decode_status_identities(encode(identities)).has_value());
}

}  // namespace
}  // namespace chancery::ca
