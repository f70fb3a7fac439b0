#include <doctest/doctest.h>

#include "ca/test_authority.h"
#include "ca/tidier.h"
#include "x509/crl.h"

namespace chancery::ca {
namespace {

constexpr seconds kDay{86'400};

struct Tidied : TestAuthority {
  Tidier& tidier() { return service->tidier(); }

  Bytes revoke_one() {
    const Issued issued = issue("www.example.test");  // lives an hour
    commit(service
               ->revoke(access::local_operator(scope), issued.certificate.serial(),
                        x509::ReasonCode::kUnspecified, "req-r")
               .value());
    return to_bytes(issued.certificate.serial());
  }

  x509::CertificateList crl() {
    const auto der = service->crl(authority, &outside).value();
    return x509::CertificateList::parse(BytesView(*der)).value();
  }

  static TidyWish revocations() {
    TidyWish wish;
    wish.revoked_certs = true;
    wish.page_size = 2;
    return wish;
  }

  TidyStatus tidy(const TidyWish& wish = revocations()) {
    commit(tidier().start(access::local_operator(scope), wish, "req-t").value());
    tidier().wait();
    return tidier().status(scope);
  }

  std::size_t revoked() { return service->list_revoked(scope, {}, 100).value().size(); }
};

TEST_CASE("a tidy removes what expired, once a CRL past the expiry told of it") {
  Tidied t;
  std::vector<Bytes> old;
  for (int i = 0; i < 5; ++i) old.push_back(t.revoke_one());
  CHECK(t.crl().entry_count() == 5);

  CHECK(t.tidy().revocations_removed == 0);  // alive
  t.clock.advance(seconds{3600 + 1});
  CHECK(t.tidy().revocations_removed == 0);  // the buffer of three days
  t.clock.advance(kDay * 4);
  const Bytes young = t.revoke_one();
  const TidyStatus too_early = t.tidy();
  CHECK(too_early.state == TidyState::kFinished);
  CHECK(too_early.revocations_read == 6);
  CHECK(too_early.revocations_removed == 0);  // on no CRL since they expired
  CHECK(t.revoked() == 6);

  const auto before = t.crl();
  CHECK(before.entry_count() == 6);
  const TidyStatus done = t.tidy();
  CHECK(done.state == TidyState::kFinished);
  CHECK(done.revocations_removed == 5);
  CHECK(t.revoked() == 1);
  const auto after = t.crl();
  CHECK(after.entry_count() == 1);
  CHECK(after.find(young).has_value());
  CHECK(equal(after.number().value(), before.number().value()) == false);
  CHECK(after.der().size() < before.der().size());
  // Nobody knows any more whether they were revoked.
  CHECK(t.ocsp(old.front()) == x509::CertStatus::kUnknown);
  CHECK(t.ocsp(young) == x509::CertStatus::kRevoked);

  // The history still has them, and a file that is made from it anew does not.
  CHECK(t.store->files().remove("crl-" + t.authority->id() + "-1").has_value());
  t.revoke_one();
  CHECK(t.crl().entry_count() == 2);
}

TEST_CASE("a certificate that is revoked again after a tidy stands once in the CRL") {
  Tidied t;
  const Bytes serial = t.revoke_one();
  t.clock.advance(kDay * 5);
  CHECK(t.crl().entry_count() == 1);
  CHECK(t.tidy().revocations_removed == 1);
  auto settings = t.service->status_settings().find(t.scope).value();
  settings.may_revoke_expired = true;
  t.commit(
      t.service->status_settings().put(access::local_operator(t.scope), settings, "s").value());
  t.clock.advance(seconds{60});
  t.commit(
      t.service->revoke(access::local_operator(t.scope), serial, x509::ReasonCode::kUnspecified, "")
          .value());
  CHECK(t.crl().entry_count() == 1);
  t.clock.advance(kDay);
  CHECK(t.crl().entry_count() == 1);
  CHECK(t.tidy().revocations_removed == 1);
  CHECK(t.crl().entry_count() == 0);
}

TEST_CASE("one tidy at a time, and its end is recorded") {
  Tidied t;
  for (int i = 0; i < 3; ++i) t.revoke_one();
  TidyWish slow = Tidied::revocations();
  slow.pause = seconds{3600};
  CHECK(t.tidier().status(t.scope).state == TidyState::kInactive);
  CHECK_FALSE(t.tidier().cancel(t.scope));
  t.commit(t.tidier().start(access::local_operator(t.scope), slow, "r").value());
  CHECK(t.tidier().status(t.scope).state == TidyState::kRunning);
  const auto second = t.tidier().start(access::local_operator(t.scope), slow, "r");
  CHECK(second.error().code == Code::kAlreadyExists);
  CHECK(t.tidier().cancel(t.scope));
  t.tidier().wait();
  CHECK(t.tidier().status(t.scope).state == TidyState::kCancelled);
  CHECK(t.tidier().last_finished(t.scope).value() == t.clock.now());
  CHECK_FALSE(t.store->state().get(tidy_run_key(t.scope)).value().has_value());
  const auto ends = t.store->log().read_kind(record::EventKind::kTidyFinished, 0, 10).value();
  REQUIRE(ends.size() == 1);
  CHECK(record::detail(record::decode(ends.front().entry.event).value(), "state") == "cancelled");
  CHECK(t.tidier().start(access::local_operator(t.scope), {}, "r").error().code ==
        Code::kInvalidArgument);
}

// A store whose observers can go before it does, as those of one run of the program do.
class Restartable final : public record::Store,
                          public record::Committer,
                          public record::CommitObserver {
 public:
  explicit Restartable(record::Store& store) : store_(store) { store.committer().observe(*this); }
  record::StateReader& state() override { return store_.state(); }
  record::LogReader& log() override { return store_.log(); }
  record::CertificateIndex& index() override { return store_.index(); }
  record::Committer& committer() override { return *this; }
  record::DerivedFiles& files() override { return store_.files(); }
  Result<void> rebuild_index() override { return store_.rebuild_index(); }
  Result<record::CheckReport> check() override { return store_.check(); }
  Ticket submit(record::WriteSet set) override { return store_.committer().submit(std::move(set)); }
  void observe(record::CommitObserver& observer) override { observers_.push_back(&observer); }
  void reactor_busy() override {}
  void reactor_idle() override {}
  void committed(std::span<const record::CommittedSet> batch) override {
    for (record::CommitObserver* observer : observers_) observer->committed(batch);
  }
  void forget_observers() { observers_.clear(); }

 private:
  record::Store& store_;
  std::vector<record::CommitObserver*> observers_;
};

TEST_CASE("a tidy that a stop cut off begins anew") {
  Tidied t;
  const auto memory = storage::memory::make_store(t.log);
  Restartable store(*memory);
  const Dependencies dependencies{store, *t.keys, t.clock, t.random, t.log};
  const auto grant = [&] { return access::local_operator(t.scope); };
  const auto commit = [&]<class T>(Staged<T> staged) {
    return staged.release(staged.submit(store).wait(t.outside).value());
  };
  auto first = std::make_unique<Service>(dependencies);
  commit(first->add_authority(grant(), t.authority->record()).value());
  for (int i = 0; i < 3; ++i) {
    const Issued issued =
        commit(first->issue(t.authorize("www.example.test"), t.authority, "r").value());
    commit(first->revoke(grant(), issued.certificate.serial(), x509::ReasonCode::kUnspecified, "r")
               .value());
  }
  t.clock.advance(kDay * 5);
  CHECK(first->crl(t.authority, &t.outside).has_value());
  TidyWish slow = Tidied::revocations();
  slow.pause = seconds{3600};
  commit(first->tidier().start(grant(), slow, "r").value());
  while (first->tidier().status(t.scope).revocations_removed == 0) std::this_thread::yield();
  first.reset();
  store.forget_observers();
  CHECK(memory->state().get(tidy_run_key(t.scope)).value().has_value());

  Service second(dependencies);
  CHECK(second.list_revoked(t.scope, {}, 10).value().size() == 1);
  CHECK(second.tidier().resume(t.scope).has_value());
  second.tidier().wait();
  CHECK(second.tidier().status(t.scope).state == TidyState::kFinished);
  CHECK(second.tidier().status(t.scope).revocations_removed == 1);
  CHECK_FALSE(memory->state().get(tidy_run_key(t.scope)).value().has_value());
  const auto der = second.crl(t.authority, &t.outside).value();
  CHECK(x509::CertificateList::parse(BytesView(*der)).value().entry_count() == 0);
  store.forget_observers();
}

auto set_automatic(Tidied& t, const AutoTidy& wanted) {
  const auto replace = [&](AutoTidy& stored) -> Result<void> {
    stored = wanted;
    return {};
  };
  return t.tidier().set(access::local_operator(t.scope), replace, "r");
}

TEST_CASE("automatic tidying starts when it is due") {
  Tidied t;
  t.revoke_one();
  CHECK(t.tidier().tend(t.scope).has_value());
  t.tidier().wait();
  CHECK(t.tidier().status(t.scope).state == TidyState::kInactive);
  AutoTidy automatic;
  automatic.enabled = true;
  CHECK(set_automatic(t, automatic).error().code == Code::kInvalidArgument);
  automatic.wish = Tidied::revocations();
  t.commit(set_automatic(t, automatic).value());
  CHECK(t.tidier().settings(t.scope).value() == automatic);

  const auto runs = [&] {
    return t.store->log().read_kind(record::EventKind::kTidyStarted, 0, 10).value().size();
  };
  const auto tend = [&] {
    CHECK(t.tidier().tend(t.scope).has_value());
    // Any commit after it is behind it.
    t.revoke_one();
    t.tidier().wait();
  };
  tend();
  CHECK(runs() == 1);
  tend();
  CHECK(runs() == 1);
  t.clock.advance(automatic.interval);
  tend();
  CHECK(runs() == 2);
  t.clock.advance(-automatic.interval);
  tend();
  CHECK(runs() == 3);
}

TEST_CASE("rows of tidying: one encoding, strictly read") {
  AutoTidy automatic;
  automatic.enabled = true;
  automatic.wish = Tidied::revocations();
  automatic.wish.pause = seconds{90};
  const Bytes der = encode(automatic);
  CHECK(decode_auto_tidy(der).value() == automatic);
  const Bytes wish = encode(automatic.wish);
  CHECK(check_tidy_row("run", wish).has_value());
  CHECK(check_tidy_row("last", encode_time(from_unix(1))).has_value());
  CHECK(check_tidy_row("revoked", {}).has_value());
  CHECK_FALSE(check_tidy_row("revoked", wish).has_value());
  CHECK_FALSE(check_tidy_row("other", {}).has_value());
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK_FALSE(decode_auto_tidy(BytesView(der).first(size)).has_value());
  for (std::size_t size = 0; size < wish.size(); ++size)
    CHECK_FALSE(check_tidy_row("run", BytesView(wish).first(size)).has_value());
}

}  // namespace
}  // namespace chancery::ca
