#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <utility>

#include "ca/mass_revocation.h"
#include "ca/revoker.h"
#include "ca/test_authority.h"
#include "x509/crl.h"
#include "x509/oids.h"

namespace chancery::ca {
namespace {

constexpr auto kHold = x509::ReasonCode::kCertificateHold;

struct World : TestAuthority {
  access::Grant operator_grant() { return access::local_operator(scope); }
  Service::Revoked revoke(BytesView serial, const RevocationWish& wish) {
    return commit(service->revoke(operator_grant(), serial, wish, "req-h").value());
  }
  Result<Staged<Revocation>> try_release(BytesView serial) {
    return service->release(operator_grant(), serial, "req-r");
  }
  void release(BytesView serial) { commit(try_release(serial).value()); }
  void configure(auto change) {
    StatusSettings settings = service->status_settings().find(scope).value();
    change(settings);
    commit(service->status_settings().put(operator_grant(), std::move(settings), "s").value());
  }
  x509::CertificateList crl(CrlName name = CrlKind::kComplete) {
    const auto published = service->published_crl(authority, name, &outside).value();
    auto list = x509::CertificateList::parse(published->der.view()).value();
    CHECK(list.verify_signature(authority->public_key()).has_value());
    CHECK(list.entry_count() == published->count);
    return list;
  }
  Bytes issue_serial(const std::string& host = "www.example.test") {
    return to_bytes(issue(host).certificate.serial());
  }
};

TEST_CASE("a hold shows everywhere, and its release takes it away again") {
  World w;
  const Bytes serial = w.issue_serial();
  CHECK(w.try_release(serial).error().code == Code::kRefused);
  const TimePoint since = w.clock.now() - seconds{3600};
  w.revoke(serial, {kHold, since});
  CHECK(w.ocsp(serial) == x509::CertStatus::kRevoked);
  const auto held = w.crl();
  const auto entry = held.find(serial).value();
  CHECK(entry.reason == kHold);
  CHECK(entry.invalid_since == since);
  CHECK(w.revoke(serial, kHold).already);

  w.release(serial);
  CHECK(w.ocsp(serial) == x509::CertStatus::kGood);
  CHECK(w.service->crl(w.authority, nullptr).value() == nullptr);
  CHECK_FALSE(w.crl().find(serial).has_value());
  CHECK(w.try_release(serial).error().code == Code::kRefused);

  w.revoke(serial, kHold);
  w.clock.advance(seconds{5});
  const auto for_good = w.revoke(serial, x509::ReasonCode::kKeyCompromise);
  CHECK_FALSE(for_good.already);
  CHECK(for_good.revocation.revoked_at == w.clock.now());
  CHECK(w.crl().entry_count() == 1);
  CHECK(w.crl().find(serial).value().reason == x509::ReasonCode::kKeyCompromise);
  CHECK(w.try_release(serial).error().code == Code::kRefused);
  CHECK(w.revoke(serial, kHold).already);
  CHECK(w.try_release(Bytes{1, 2}).error().code == Code::kNotFound);
}

// SlowReader lets something happen before it reads of a hold.
class SlowReader final : public record::StateReader {
 public:
  SlowReader(const record::StateReader& state, std::function<void()> before_hold)
      : state_(state), before_hold_(std::move(before_hold)) {}
  [[nodiscard]] bool local() const override { return true; }
  [[nodiscard]] Result<std::optional<record::StateRow>> get(
      const record::StateKey& key) const override {
    if (key.kind == record::StateKind::kHold) before_hold_();
    return state_.get(key);
  }
  [[nodiscard]] Result<std::vector<record::StateRow>> list(record::StateKind kind,
                                                           const record::Scope& scope,
                                                           std::string_view after,
                                                           std::size_t limit) const override {
    return state_.list(kind, scope, after, limit);
  }

 private:
  const record::StateReader& state_;
  const std::function<void()> before_hold_;
};

TEST_CASE("a hold that is released while it is looked at does not pass for a revocation for good") {
  World w;
  const Bytes serial = w.issue_serial();
  w.revoke(serial, kHold);
  const record::StateReader& state = w.store->state();
  const auto row = state.get(revocation_key(w.scope, w.authority->id(), serial)).value().value();
  const RevocationWish wish{x509::ReasonCode::kKeyCompromise};
  const auto follow = [&](const std::function<void()>& meanwhile, record::WriteSet& writes) {
    return may_follow(SlowReader(state, meanwhile), row, wish, writes).value();
  };
  const auto is_so_still = [&](record::WriteSet writes) {
    return w.store->committer().submit(std::move(writes)).wait(w.outside).has_value();
  };
  record::WriteSet on_hold;
  CHECK(follow([] {}, on_hold));
  CHECK(is_so_still(on_hold));
  record::WriteSet released;
  CHECK_FALSE(follow([&] { w.release(serial); }, released));
  CHECK_FALSE(is_so_still(released));
  CHECK_FALSE(is_so_still(on_hold));
  // On hold again, the row has the same version.
  w.revoke(serial, kHold);
  CHECK_FALSE(is_so_still(released));
  CHECK(is_so_still(on_hold));
  w.release(serial);
  // The row of one that is on hold for good, as other programs make it.
  w.revoke(serial, kHold);
  record::WriteSet writes;
  writes.erase(hold_key(w.scope, w.authority->id(), serial));
  REQUIRE(w.store->committer().submit(std::move(writes)).wait(w.outside).has_value());
  const auto for_good =
      state.get(revocation_key(w.scope, w.authority->id(), serial)).value().value();
  record::WriteSet already;
  CHECK_FALSE(may_follow(SlowReader(state, [] {}), for_good, wish, already).value());
  CHECK(is_so_still(already));
}

TEST_CASE("a release that comes late does not undo a revocation for good") {
  World w;
  const Bytes serial = w.issue_serial();
  w.revoke(serial, kHold);
  auto late = w.try_release(serial).value();
  auto revocation =
      w.service->revoke(w.operator_grant(), serial, x509::ReasonCode::kSuperseded, "late");
  w.release(serial);
  w.revoke(serial, x509::ReasonCode::kKeyCompromise);
  const auto key = revocation_key(w.scope, w.authority->id(), serial);
  REQUIRE(w.store->state().get(key).value()->version == 1);  // as that of the hold was
  CHECK(late.submit(w.store->committer()).wait(w.outside).error().code == Code::kConflict);
  CHECK(revocation->submit(w.store->committer()).wait(w.outside).error().code == Code::kConflict);
  CHECK(decode_revocation(w.store->state().get(key).value()->value).value().reason ==
        x509::ReasonCode::kKeyCompromise);
}

TEST_CASE("of two releases, and of a release and a revocation, the commit takes one") {
  World w;
  const Bytes serial = w.issue_serial();
  w.revoke(serial, kHold);
  auto first = w.try_release(serial).value();
  auto second = w.try_release(serial).value();
  auto revocation =
      w.service->revoke(w.operator_grant(), serial, x509::ReasonCode::kSuperseded, "r").value();
  w.commit(std::move(first));
  CHECK(second.submit(w.store->committer()).wait(w.outside).error().code == Code::kConflict);
  CHECK(revocation.submit(w.store->committer()).wait(w.outside).error().code == Code::kConflict);
  CHECK(w.ocsp(serial) == x509::CertStatus::kGood);
}

TEST_CASE("delta CRLs tell of holds and of their ends") {
  World w;
  w.configure([](StatusSettings& s) {
    s.auto_rebuild = s.delta_enabled = true;
    s.delta_interval = parse_span("1s").value();
  });
  const Bytes kept = w.issue_serial("a.test");
  const Bytes ended = w.issue_serial("b.test");
  const Bytes worse = w.issue_serial("c.test");
  const Bytes later = w.issue_serial("d.test");
  const Bytes brief = w.issue_serial("e.test");
  for (const Bytes* serial : {&kept, &ended, &worse}) w.revoke(*serial, kHold);
  const auto base = w.crl();
  CHECK(base.entry_count() == 3);
  w.release(ended);
  w.revoke(worse, x509::ReasonCode::kKeyCompromise);
  w.revoke(later, kHold);
  w.revoke(brief, kHold);
  w.release(brief);
  w.clock.advance(seconds{2});
  CHECK(equal(w.crl().der(), base.der()));
  const auto delta = w.crl(CrlKind::kDelta);
  CHECK(delta.is_delta());
  CHECK(delta.entry_count() == 3);
  CHECK(delta.find(ended).value().reason == x509::ReasonCode::kRemoveFromCrl);
  CHECK(delta.find(worse).value().reason == x509::ReasonCode::kKeyCompromise);
  CHECK(delta.find(later).value().reason == kHold);

  // After a restart the complete CRL is the same, and so is what deltas are told against.
  Service again(Dependencies{*w.store, *w.keys, w.clock, w.random, w.log});
  const auto authority = again.authority(w.scope, "default").value();
  const auto complete = again.published_crl(authority, CrlKind::kComplete, &w.outside).value();
  CHECK(complete->count == 3);
  const auto delta_again = again.published_crl(authority, CrlKind::kDelta, &w.outside).value();
  const auto second = x509::CertificateList::parse(delta_again->der.view()).value();
  CHECK(second.entry_count() == 3);
  CHECK(second.find(ended).value().reason == x509::ReasonCode::kRemoveFromCrl);
}

TEST_CASE("a mass revocation takes what is selected, of all that has not expired") {
  World w;
  const Bytes selected = w.issue_serial("a.shop.test");
  const Bytes other = w.issue_serial("a.other.test");
  const Bytes held = w.issue_serial("b.shop.test");
  const Bytes before = w.issue_serial("c.shop.test");
  w.revoke(held, kHold);
  w.revoke(before, x509::ReasonCode::kSuperseded);
  MassRevocation& mass = w.service->mass_revocation();
  MassWish wish;
  CHECK(mass.start(w.operator_grant(), wish, "m").error().code == Code::kInvalidArgument);
  wish.name_suffix = ".shop.test";
  wish.revocation = {x509::ReasonCode::kKeyCompromise, w.clock.now() - seconds{60}};
  wish.dry_run = true;
  const auto run = [&] {
    const std::string id = w.commit(mass.start(w.operator_grant(), wish, "m").value()).id;
    mass.wait();
    return mass.find(w.scope, id).value();
  };
  MassJob job = run();
  CHECK(job.state == MassState::kFinished);
  CHECK(job.revoked == 2);
  CHECK(job.already == 1);
  CHECK(w.ocsp(selected) == x509::CertStatus::kGood);
  wish.dry_run = false;
  job = run();
  CHECK(job.state == MassState::kFinished);
  CHECK(job.revoked == 2);
  CHECK(job.already == 1);
  CHECK(job.examined == 3);
  CHECK(w.ocsp(selected) == x509::CertStatus::kRevoked);
  CHECK(w.ocsp(other) == x509::CertStatus::kGood);
  const auto crl = w.crl();
  CHECK(crl.entry_count() == 3);
  CHECK(crl.find(held).value().reason == x509::ReasonCode::kKeyCompromise);
  CHECK(crl.find(selected).value().invalid_since.has_value());

  wish = {};
  wish.everything = true;
  w.clock.advance(seconds{7200});  // all have expired
  job = run();
  CHECK(job.revoked == 0);
  // With the root's own certificate, which never stands on its own CRL.
  CHECK(job.examined == 5);
  CHECK(mass.list(w.scope).value().size() == 3);
  CHECK(mass.cancel(w.operator_grant(), job.id, "c").error().code == Code::kAlreadyExists);
}

TEST_CASE("the certificates of a key are revoked and the key is blocked in one commit") {
  World w;
  const Bytes serial = w.issue_serial();
  const auto mine = std::move(w.leaf_key);
  w.leaf_key = crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  const Bytes other = w.issue_serial();
  MassWish wish;
  wish.spki_sha256 = spki_fingerprint(mine.public_key().spki());
  wish.revocation = x509::ReasonCode::kKeyCompromise;
  MassRevocation& mass = w.service->mass_revocation();
  w.commit(mass.start(w.operator_grant(), wish, "m").value());
  CHECK(w.service->blocked_keys().find(w.scope, wish.spki_sha256).value().has_value());
  mass.wait();
  CHECK(w.ocsp(serial) == x509::CertStatus::kRevoked);
  CHECK(w.ocsp(other) == x509::CertStatus::kGood);
}

TEST_CASE("a mass revocation that was cut off goes on where it was") {
  World w;
  MassJob job;
  job.id = "0123456789abcdef0123";
  job.by = {"token:t", "req-m", job.id};
  job.wish.name = "www.example.test";
  job.wish.not_after_to = w.clock.now();
  job.started = w.clock.now();
  job.top = job.before = 5;
  job.examined = 7;
  job.revoked = 3;
  CHECK(encode(decode_mass_job(job.id, encode(job)).value()) == encode(job));
  MassJob within = job;
  within.chunk = MassJob::Chunk{2, "an-issuer", {1, 2, 3}};
  const MassJob read = decode_mass_job(job.id, encode(within)).value();
  CHECK(read.chunk->until == 2);
  CHECK(read.chunk->issuer_id == "an-issuer");
  CHECK(read.chunk->after == Bytes{1, 2, 3});
  // As a stop of the program leaves it: the row says that it runs, and nobody works on it.
  const auto store = storage::memory::make_store(w.log);
  record::WriteSet writes;
  writes.put({record::StateKind::kRevocationJob, w.scope, job.id}, encode(job));
  CHECK(store->committer().submit(std::move(writes)).wait(w.outside).has_value());
  Service again(Dependencies{*store, *w.keys, w.clock, w.random, w.log});
  MassRevocation& mass = again.mass_revocation();
  CHECK(mass.find(w.scope, job.id).value().state == MassState::kRunning);
  CHECK(mass.resume(w.scope).has_value());
  mass.wait();
  const MassJob done = mass.find(w.scope, job.id).value();
  CHECK(done.state == MassState::kFinished);
  CHECK(done.revoked == 3);
  CHECK(done.examined == 7);
  CHECK(done.by.actor == "token:t");
}

TEST_CASE("a mass revocation goes on behind the last serial number that it came to") {
  World w;
  std::set<Bytes> serials;
  for (int i = 0; i < 6; ++i) serials.insert(w.issue_serial());
  const std::vector<Bytes> sorted(serials.begin(), serials.end());
  MassJob job;
  job.id = "0123456789abcdef0123";
  job.by = {"token:t", "req-m", job.id};
  job.wish.everything = true;
  job.wish.revocation = x509::ReasonCode::kSuperseded;
  job.started = w.clock.now();
  job.top = job.before = w.store->log().size();
  job.examined = job.revoked = 3;
  job.chunk = MassJob::Chunk{0, w.authority->id(), sorted[2]};
  record::WriteSet writes;
  writes.put({record::StateKind::kRevocationJob, w.scope, job.id}, encode(job));
  CHECK(w.store->committer().submit(std::move(writes)).wait(w.outside).has_value());
  MassRevocation& mass = w.service->mass_revocation();
  mass.wait();
  const MassJob done = mass.find(w.scope, job.id).value();
  CHECK(done.state == MassState::kFinished);
  CHECK_FALSE(done.chunk.has_value());
  CHECK(done.revoked == 6);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    CHECK((w.ocsp(sorted[i]) == x509::CertStatus::kRevoked) == (i > 2));
}

TEST_CASE("what is revoked beside a mass revocation is counted as such, page by page") {
  World w;
  std::vector<Bytes> serials;
  for (int i = 0; i < 1100; ++i) serials.push_back(w.issue_serial());
  for (std::size_t i = 0; i < serials.size(); i += 100)
    w.revoke(serials[i], x509::ReasonCode::kSuperseded);
  MassWish wish;
  wish.everything = true;
  wish.revocation = x509::ReasonCode::kKeyCompromise;
  MassRevocation& mass = w.service->mass_revocation();
  const std::string id = w.commit(mass.start(w.operator_grant(), wish, "m").value()).id;
  mass.wait();
  const MassJob job = mass.find(w.scope, id).value();
  CHECK(job.state == MassState::kFinished);
  CHECK(job.already == 11);
  CHECK(job.revoked == 1089);
  CHECK(job.examined == 1101);  // with the root's own
  CHECK(w.crl().entry_count() == 1100);
}

// add_copies adds certificates like `like` to the store, which differ in their serial numbers:
// nobody checks their signatures.
void add_copies(World& w, BytesView like, int count) {
  const auto row = w.store->index().find_by_serial(w.scope, like).value().value();
  const record::LogEntry entry = w.store->log().get(row.log_index).value().entry;
  const auto at = std::ranges::search(entry.certificate, like).begin();
  const auto last = at - entry.certificate.begin() + static_cast<std::ptrdiff_t>(like.size()) - 1;
  record::WriteSet writes;
  for (int i = 0; i < count; ++i) {
    record::LogEntry& copy = writes.entries.emplace_back(entry);
    copy.certificate[static_cast<std::size_t>(last)] = static_cast<std::uint8_t>(i);
    copy.certificate[static_cast<std::size_t>(last - 1)] = static_cast<std::uint8_t>(i >> 8);
    copy.certificate[static_cast<std::size_t>(last - 2)] ^= 0x55;
    if (writes.entries.size() < 5000 && i + 1 < count) continue;
    REQUIRE(w.store->committer().submit(std::exchange(writes, {})).wait(w.outside).has_value());
  }
}

TEST_CASE("a mass revocation of more than one chunk takes each certificate once") {
  constexpr int kCopies = 33'500;  // the first chunk has 32,768
  World w;
  add_copies(w, w.issue_serial("a.shop.test"), kCopies);
  MassWish wish;
  wish.everything = true;
  wish.revocation = x509::ReasonCode::kSuperseded;
  MassRevocation& mass = w.service->mass_revocation();
  const std::string id = w.commit(mass.start(w.operator_grant(), wish, "m").value()).id;
  mass.wait();
  const MassJob job = mass.find(w.scope, id).value();
  CHECK(job.state == MassState::kFinished);
  CHECK(job.revoked == kCopies + 1);
  CHECK(job.already == 0);
  CHECK(job.examined == kCopies + 2);  // with the root's own
  CHECK(w.crl().entry_count() == kCopies + 1);
}

TEST_CASE("each shard has deltas of its own to its own complete CRL") {
  World w;
  w.configure([](StatusSettings& s) {
    s.crl_shards = 2;
    s.auto_rebuild = s.delta_enabled = true;
    s.delta_interval = parse_span("1s").value();
  });
  AuthorityRecord record = w.authority->record();
  record.urls.crl_distribution_points = {"http://ca.test/{{crl_shard_2}}.crl"};
  record.urls.delta_crl_distribution_points = {"http://ca.test/delta",
                                               "http://ca.test/{{crl_shard_2}}-delta.crl"};
  record.urls.templated = true;
  record::WriteSet writes;
  writes.put(authority_key(w.scope, record.id), encode(record));
  CHECK(w.store->committer().submit(std::move(writes)).wait(w.outside).has_value());
  w.authority = w.service->authority(w.scope, "default").value();

  std::array<std::vector<Bytes>, 2> serials;
  while (serials[0].size() < 3 || serials[1].size() < 3) {
    const Issued issued = w.issue("www.example.test");
    const Bytes serial = to_bytes(issued.certificate.serial());
    const Shard shard = shard_of(serial, 2);
    serials.at(shard.index).push_back(serial);
    const auto* freshest = issued.certificate.extensions().find(x509::oids::kFreshestCrl);
    REQUIRE(freshest != nullptr);
    CHECK(as_text(freshest->value).contains("/" + to_string(shard) + "-delta.crl"));
    CHECK_FALSE(as_text(freshest->value).contains("ca.test/delta"));
  }
  for (const auto& of_shard : serials) w.revoke(of_shard[0], kHold);
  std::vector<x509::CertificateList> bases;
  for (const unsigned index : {0U, 1U}) bases.push_back(w.crl({CrlKind::kComplete, {2, index}}));
  w.release(serials[0][0]);
  w.revoke(serials[0][1], x509::ReasonCode::kSuperseded);
  w.revoke(serials[1][1], kHold);
  w.clock.advance(seconds{2});
  for (const unsigned index : {0U, 1U}) {
    const Shard shard{2, index};
    CHECK(equal(w.crl({CrlKind::kComplete, shard}).der(), bases[index].der()));
    const auto delta = w.crl({CrlKind::kDelta, shard});
    CHECK(delta.is_delta());
    CHECK(delta.scope()->full_name.size() == 1);
    CHECK(delta.number().value().back() == bases[index].number().value().back() + 1);
    for (const x509::CrlEntry& entry : delta.entries()) CHECK(shard.contains(entry.serial));
    CHECK(delta.entry_count() == (index == 0 ? 2 : 1));
    const auto find = [&](std::size_t at) { return delta.find(serials.at(index)[at]); };
    if (index == 0) CHECK(find(0)->reason == x509::ReasonCode::kRemoveFromCrl);
    CHECK(find(1)->reason == (index == 0 ? x509::ReasonCode::kSuperseded : kHold));
    CHECK_FALSE(find(2).has_value());
    // Another one has a number behind it.
    w.clock.advance(seconds{2});
    w.revoke(serials.at(index)[2], x509::ReasonCode::kSuperseded);
    const auto next = w.crl({CrlKind::kDelta, shard});
    CHECK(next.entry_count() == delta.entry_count() + 1);
    CHECK(next.number().value().back() == delta.number().value().back() + 1);
  }
}

TEST_CASE("each shard's CRL has its part, its scope and its own numbers") {
  World w;
  w.configure([](StatusSettings& s) { s.crl_shards = 2; });
  const auto shrink = [&] {
    StatusSettings settings = w.service->status_settings().find(w.scope).value();
    settings.crl_shards = 0;
    return w.service->status_settings().put(w.operator_grant(), settings, "s").error();
  };
  CHECK(shrink().detail == "crl_shards can grow, but never get less");
  const Shard first{2, 0};
  const auto missing =
      w.service->published_crl(w.authority, {CrlKind::kComplete, first}, &w.outside);
  CHECK(missing.error().code == Code::kNotFound);  // no certificate speaks of shards
  AuthorityRecord record = w.authority->record();
  record.urls.crl_distribution_points = {"http://ca.test/crl/{{issuer_id}}/{{crl_shard_2}}.crl"};
  record.urls.delta_crl_distribution_points = {"http://ca.test/delta"};
  record.urls.templated = true;
  record::WriteSet writes;
  writes.put(authority_key(w.scope, record.id), encode(record));
  CHECK(w.store->committer().submit(std::move(writes)).wait(w.outside).has_value());
  w.authority = w.service->authority(w.scope, "default").value();

  std::vector<Bytes> serials;
  for (int i = 0; i < 8; ++i) {
    const Issued issued = w.issue("www.example.test");
    serials.push_back(to_bytes(issued.certificate.serial()));
    const auto points = issued.certificate.extensions().crl_distribution_points.value();
    const std::string url =
        "http://ca.test/crl/" + record.id + "/" + to_string(shard_of(serials.back(), 2)) + ".crl";
    CHECK(as_text(issued.certificate.der()).contains(url));
    CHECK(points.size() == 1);
    CHECK(issued.certificate.extensions().find(x509::oids::kFreshestCrl) == nullptr);
    if (i % 2 == 0) w.revoke(serials.back(), x509::ReasonCode::kSuperseded);
    if (i % 2 == 1) w.revoke(serials.back(), kHold);
  }
  std::size_t total = 0;
  for (const unsigned index : {0U, 1U}) {
    const Shard shard{2, index};
    const auto list = w.crl({CrlKind::kComplete, shard});
    total += list.entry_count();
    for (const x509::CrlEntry& entry : list.entries()) CHECK(shard.contains(entry.serial));
    CHECK(list.scope().value().full_name.size() == 1);
    CHECK(list.number().value().back() == 1);
  }
  CHECK(total == 8);
  CHECK(w.crl().entry_count() == 8);
  CHECK_FALSE(w.crl().scope().has_value());
  // A CRL of one shard stays in memory while others are made.
  CHECK(w.service->published_crl(w.authority, {CrlKind::kComplete, first}, nullptr).value());
  const auto too_many =
      w.service->published_crl(w.authority, {CrlKind::kComplete, Shard{4, 0}}, &w.outside);
  CHECK(too_many.error().code == Code::kNotFound);
}

TEST_CASE("complete CRLs say where the delta CRLs are") {
  World w;
  AuthorityRecord record = w.authority->record();
  record.urls.delta_crl_distribution_points = {"http://ca.test/delta"};
  record::WriteSet writes;
  writes.put(authority_key(w.scope, record.id), encode(record));
  CHECK(w.store->committer().submit(std::move(writes)).wait(w.outside).has_value());
  w.authority = w.service->authority(w.scope, "default").value();
  const auto has_freshest = [](const x509::CertificateList& list) {
    return std::ranges::find(list.extensions(), x509::oids::kFreshestCrl, &x509::Extension::id) !=
           list.extensions().end();
  };
  CHECK_FALSE(has_freshest(w.crl()));
  w.configure([](StatusSettings& s) { s.auto_rebuild = s.delta_enabled = true; });
  CHECK(w.service->rotate_crls(w.scope, CrlKind::kComplete, w.outside).has_value());
  CHECK(has_freshest(w.crl()));
  CHECK_FALSE(has_freshest(w.crl(CrlKind::kDelta)));
  CHECK(w.issue("www.example.test").certificate.extensions().find(x509::oids::kFreshestCrl) !=
        nullptr);
}

TEST_CASE("names of shards") {
  CHECK(parse_shard("16-3") == Shard{16, 3});
  for (const auto text :
       {"", "16", "16-", "-3", "15-3", "16-16", "512-0", "016-3", "16-03", "0-0", "16-3 ", "+16-3"})
    CHECK_FALSE(parse_shard(text).has_value());
  const Bytes serial{0x01, 0x12, 0x34};
  CHECK(shard_of(serial, 256).index == 0x34);
  CHECK(with_shard("http://x/{{crl_shard_256}}.crl", serial) == "http://x/256-52.crl");
  CHECK(with_shard("http://x/{{crl_shard_3}}.crl", serial) == "http://x/{{crl_shard_3}}.crl");
  CHECK(shards_in("http://x/{{crl_shard_4}}") == 4);
  CHECK(shards_in("http://x/") == 0);
}

}  // namespace
}  // namespace chancery::ca
