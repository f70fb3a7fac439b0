#include "storage/group_committer.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <thread>

namespace chancery::storage {
namespace {

using record::EventKind;
using record::StateKey;
using record::StateKind;
using record::StateRow;
using record::WriteSet;
using std::chrono::milliseconds;

// ScriptedEngine counts what it is asked to do and fails where a test says so.
class ScriptedEngine final : public CommitEngine {
 public:
  enum class Step { kNone, kBegin, kGet, kPut, kAppend, kCommit };

  void fail_at(Step step, Code code) {
    step_ = step;
    code_ = code;
  }
  [[nodiscard]] std::uint64_t log_size() const override { return 0; }
  [[nodiscard]] Result<void> begin() override {
    while (hold) std::this_thread::sleep_for(milliseconds(1));
    return at(Step::kBegin);
  }
  [[nodiscard]] Result<std::optional<StateRow>> get(const StateKey&) override {
    if (auto result = at(Step::kGet); !result) return std::unexpected(result.error());
    return std::optional<StateRow>();
  }
  [[nodiscard]] Result<void> put(const StateRow&) override { return at(Step::kPut); }
  [[nodiscard]] Result<void> erase(const StateKey&) override { return {}; }
  [[nodiscard]] Result<void> append(std::uint64_t, const record::LogEntry&) override {
    return at(Step::kAppend);
  }
  [[nodiscard]] Result<void> commit() override {
    ++commits;
    return at(Step::kCommit);
  }
  void rollback() override { ++rollbacks; }
  void publish(std::uint64_t size, std::vector<record::LogRow>) override { published = size; }
  bool release_reserve() override {
    ++releases;
    if (frees_space) step_ = Step::kNone;
    return true;
  }
  bool restore_reserve() override { return restores; }

  std::atomic<bool> hold{false};
  std::atomic<int> commits{0};
  std::atomic<int> rollbacks{0};
  std::atomic<int> releases{0};
  std::atomic<bool> frees_space{true};
  std::atomic<bool> restores{false};
  std::atomic<std::uint64_t> published{0};

 private:
  Result<void> at(Step step) const {
    if (step != step_) return {};
    return fail(code_, "scripted");
  }
  std::atomic<Step> step_{Step::kNone};
  std::atomic<Code> code_{Code::kUnavailable};
};

using Step = ScriptedEngine::Step;

struct Fixture {
  NullLog log;
  ScriptedEngine engine;
  Publication publication;
  std::optional<GroupCommitter> committer;

  explicit Fixture(CommitterOptions options = {}) {
    committer.emplace(engine, publication, log, options);
  }
  Result<Receipt> commit(WriteSet set) {
    return committer->submit(std::move(set)).wait(OnLane::outside_server());
  }
  StoreHealth health() {
    StoreHealth health;
    committer->report(health);
    return health;
  }
};

WriteSet set_of(EventKind kind) {
  WriteSet set;
  set.put({StateKind::kRole, {}, "id"}, {});
  record::Event event;
  event.kind = kind;
  set.append(event);
  return set;
}
WriteSet issue() { return set_of(EventKind::kCertificateIssued); }
WriteSet revoke() { return set_of(EventKind::kCertificateRevoked); }

TEST_CASE("any failure but a full disk ends writing") {
  Fixture f;
  Step step = Step::kNone;
  SUBCASE("begin") { step = Step::kBegin; }
  SUBCASE("get") { step = Step::kGet; }
  SUBCASE("put") { step = Step::kPut; }
  SUBCASE("append") { step = Step::kAppend; }
  SUBCASE("commit") { step = Step::kCommit; }
  f.engine.fail_at(step, Code::kUnavailable);
  CHECK(f.commit(issue()).error().code == Code::kUnknownOutcome);
  f.engine.fail_at(Step::kNone, {});
  CHECK(f.commit(issue()).error().code == Code::kUnavailable);
  CHECK(f.commit(revoke()).error().code == Code::kUnavailable);
  CHECK(f.engine.published == 0);
  CHECK(f.engine.rollbacks == 1);
  CHECK(f.health().out_of_service);
  CHECK(f.health().reason.find("scripted") != std::string::npos);
}

TEST_CASE("a row that fails its check refuses one set only") {
  Fixture f;
  f.engine.fail_at(Step::kGet, Code::kDataLoss);
  CHECK(f.commit(issue()).error().code == Code::kDataLoss);
  f.engine.fail_at(Step::kNone, {});
  CHECK(f.commit(issue()).has_value());
}

TEST_CASE("a full disk refuses, and service goes on") {
  Fixture f;
  f.engine.fail_at(Step::kAppend, Code::kStorageFull);
  const auto refused = f.commit(issue());
  CHECK(refused.error().code == Code::kStorageFull);
  CHECK(refused.error().retry_after.has_value());
  CHECK(f.engine.releases == 0);
  CHECK(f.health().storage_full);
  CHECK_FALSE(f.health().out_of_service);
  f.engine.fail_at(Step::kNone, {});
  CHECK(f.commit(issue()).value().sequence == 0);
  CHECK_FALSE(f.health().storage_full);
}

TEST_CASE("the reserve is for revocations") {
  CommitterOptions options;
  options.reserve_retry = milliseconds(0);
  Fixture f(options);
  f.engine.fail_at(Step::kCommit, Code::kStorageFull);
  CHECK(f.commit(revoke()).has_value());
  CHECK(f.engine.releases == 1);
  // The space that was given up is not for others.
  CHECK(f.commit(issue()).error().code == Code::kStorageFull);
  CHECK(f.commit(revoke()).has_value());
  CHECK(f.commit({}).has_value());  // the answer of a revocation is asked for again
  CHECK(f.health().storage_full);
  f.engine.restores = true;
  CHECK(f.commit(issue()).has_value());
  CHECK_FALSE(f.health().storage_full);
}

TEST_CASE("a reserve that does not help refuses revocations too") {
  Fixture f;
  f.engine.frees_space = false;
  f.engine.fail_at(Step::kCommit, Code::kStorageFull);
  CHECK(f.commit(revoke()).error().code == Code::kStorageFull);
  CHECK_FALSE(f.health().out_of_service);
}

TEST_CASE("the queue is bounded") {
  CommitterOptions options;
  options.queue_limit = 10;
  Fixture f(options);
  f.engine.hold = true;
  std::vector<Ticket> tickets;
  std::size_t refused = 0;
  for (int i = 0; i < 50; ++i) {
    const Ticket ticket = f.committer->submit(issue());
    ticket.on_complete([&](const Result<Receipt>& result) {
      if (!result && result.error().code == Code::kTooManyRequests) ++refused;
    });
    tickets.push_back(ticket);
  }
  CHECK(refused >= 30);  // some were under way when the engine stopped
  f.engine.hold = false;
  f.committer->stop();
}

TEST_CASE("sets wait for busy reactors, but not for long") {
  CommitterOptions options;
  options.linger = std::chrono::seconds(3600);
  Fixture f(options);
  f.committer->reactor_busy();
  SUBCASE("until the last one is idle") {
    f.committer->reactor_busy();
    const Ticket one = f.committer->submit(issue());
    const Ticket two = f.committer->submit(issue());
    f.committer->reactor_idle();
    std::this_thread::sleep_for(milliseconds(20));
    CHECK(f.engine.commits == 0);
    f.committer->reactor_idle();
    CHECK(one.wait(OnLane::outside_server()).has_value());
    CHECK(two.wait(OnLane::outside_server()).has_value());
    CHECK(f.engine.commits == 1);
  }
  SUBCASE("until there are enough") {
    std::vector<Ticket> tickets;
    for (std::size_t i = 0; i < CommitterOptions{}.enough; ++i) {
      CHECK(f.engine.commits == 0);
      tickets.push_back(f.committer->submit(issue()));
    }
    for (const Ticket& ticket : tickets) CHECK(ticket.wait(OnLane::outside_server()).has_value());
    CHECK(f.engine.commits == 1);
  }
  SUBCASE("until the store stops") {
    const Ticket ticket = f.committer->submit(issue());
    f.committer->stop();
    CHECK(ticket.wait(OnLane::outside_server()).has_value());
  }
}

TEST_CASE("a lone set waits a millisecond for busy reactors") {
  Fixture f;
  f.committer->reactor_busy();
  const auto start = std::chrono::steady_clock::now();
  CHECK(f.commit(issue()).has_value());
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::microseconds(900));
}

}  // namespace
}  // namespace chancery::storage
