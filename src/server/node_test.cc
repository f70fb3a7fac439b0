#include "server/node.h"

#include <doctest/doctest.h>

#include "base/fakes.h"
#include "base/test_directory.h"

namespace chancery::server {
namespace {

class CountingObserver final : public record::CommitObserver {
 public:
  void committed(std::span<const record::CommittedSet> batch) override { count_ += batch.size(); }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;  // the committer's, until it has ended
};

struct Fixture {
  TestDirectory directory;
  FakeClock clock{from_unix(1'795'000'000)};
  FakeRandom random;
  NullLog log;
  std::unique_ptr<Node> node;

  Fixture() {
    const Node::Options options{.directory = directory.path() + "/node", .passphrase = {}};
    REQUIRE(Node::create(options, random).has_value());
    node = Node::open(options, clock, random, log).value();
  }
  Ticket submit(int number) const {
    record::WriteSet set;
    set.put({record::StateKind::kSettings, {"tenant", "mount/"}, std::to_string(number)}, {});
    return node->store().committer().submit(std::move(set));
  }
};

// Some commits nobody waits for (sweeps; requests that were cut off).
constexpr int kUnawaited = 400;

TEST_CASE("a stopped node calls no observer any more, and lost no commit") {
  Fixture f;
  auto observer = std::make_unique<CountingObserver>();
  f.node->store().committer().observe(*observer);
  std::vector<Ticket> tickets;
  for (int i = 0; i < kUnawaited; ++i) tickets.push_back(f.submit(i));
  f.node->stop();
  CHECK(observer->count() == kUnawaited);
  observer.reset();
  const OnLane on_lane = OnLane::outside_server();
  for (const Ticket& ticket : tickets) REQUIRE(ticket.wait(on_lane).has_value());
  CHECK(f.submit(kUnawaited).wait(on_lane).error().code == Code::kUnavailable);
  CHECK(f.node->store()
            .state()
            .list(record::StateKind::kSettings, {"tenant", "mount/"}, {}, 1000)
            ->size() == kUnawaited);
  f.node->stop();
}

TEST_CASE("a node ends its commits before its services go") {
  Fixture f;
  std::vector<Ticket> tickets;
  for (int i = 0; i < kUnawaited; ++i) tickets.push_back(f.submit(i));
  f.node.reset();
  for (const Ticket& ticket : tickets) REQUIRE(ticket.wait(OnLane::outside_server()).has_value());
}

}  // namespace
}  // namespace chancery::server
