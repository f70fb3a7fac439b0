// More than the server can do: who gets what, and how much memory it takes.
#include <doctest/doctest.h>

#include <condition_variable>

#include "http/lanes.h"
#include "http/test_h2_client.h"
#include "http/test_server.h"

namespace chancery::http {
namespace {

using testing::eventually;
using testing::frame;
using testing::get_fields;
using testing::H2Client;
using testing::RawClient;
using testing::Reply;
using testing::TestServer;

constexpr std::chrono::milliseconds kLong{30'000};

// A signer that the test moves on, so that time is counted in requests.
class Signer {
 public:
  Response sign(std::string_view tenant) {
    std::unique_lock lock(mutex_);
    tenant_ = tenant;
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return done_ >= begun_; });
    return Response(200, "text/plain", "signed");
  }
  // Whose is the n-th signature, from 1; it is not done yet.
  std::string wait_for(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, testing::kPatience, [&] { return begun_ >= n; });
    return begun_ == n ? tenant_ : "nobody";
  }
  // The n-th and all before it are done.
  void finish(int n) {
    const std::scoped_lock lock(mutex_);
    done_ = n;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string tenant_;
  int begun_ = 0;
  int done_ = 0;
};

// A server with one slow signer, and its clients, each with one request.
class Overloaded {
 public:
  static constexpr std::size_t kQueue = 8;

  Overloaded() {
    server.options.cpu = {.threads = 1, .max_queued = kQueue, .deadline = kLong};
    server.app.routes["/app/sign"] = [&](const Request& request, Context& context) {
      const std::string tenant(request.header("X-Tenant").value_or(""));
      context.set_principal(tenant);
      return context.on(Lane::kCpu) ? signer_.sign(tenant) : Response::run_on(Lane::kCpu);
    };
    port_ = server.start();
  }
  ~Overloaded() { signer_.finish(kAll); }

  // ask returns when the request runs, waits or is refused, or another in its place.
  void ask(std::string_view tenant) {
    clients_.push_back(std::make_unique<RawClient>(port_));
    clients_.back()->send("GET /app/sign HTTP/1.1\r\nHost: a\r\nX-Tenant: " + std::string(tenant) +
                          "\r\n\r\n");
    REQUIRE(eventually([&] { return begun() + waiting() + refused() == clients_.size(); }));
  }
  // next lets the signer finish; whose signature it makes next.
  std::string next() {
    signer_.finish(done_);
    return signer_.wait_for(++done_);
  }
  // How many clients were answered with 200; the others with 503 and when to come back.
  std::size_t answers() {
    signer_.finish(kAll);
    std::size_t signed_ones = 0;
    for (auto& client : clients_) {
      const Reply reply = client->receive();
      if (reply.status == 200) {
        ++signed_ones;
      } else {
        CHECK(reply.status == 503);
        CHECK_FALSE(reply.header("Retry-After").empty());
      }
    }
    return signed_ones;
  }

  std::uint64_t begun() { return server.count(metric::kLaneTasks, "lane=\"cpu\""); }
  std::uint64_t waiting() {
    return static_cast<std::uint64_t>(server.level(metric::kLaneQueued, "lane=\"cpu\""));
  }
  std::uint64_t refused() {
    return server.count(metric::kLaneRefused, "lane=\"cpu\",reason=\"full\"");
  }
  std::size_t asked() const { return clients_.size(); }

  TestServer server;

 private:
  static constexpr int kAll = 1'000'000;

  Signer signer_;
  std::uint16_t port_ = 0;
  int done_ = 0;
  std::vector<std::unique_ptr<RawClient>> clients_;
};

TEST_CASE("ten times what the signer can do: all it does counts, and another waits for one more") {
  Overloaded world;
  world.ask("flood");
  REQUIRE(world.next() == "flood");
  while (world.waiting() < Overloaded::kQueue) world.ask("flood");

  std::uint64_t signatures = 0;
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 30; ++i) world.ask("flood");
    // The queue is full, and another gets in all the same, behind one of the flood at most.
    world.ask("polite");
    CHECK(world.waiting() == Overloaded::kQueue);
    const std::string first = world.next();
    if (first != "polite") CHECK(world.next() == "polite");
    CHECK(world.next() == "flood");
    signatures = world.begun();
  }
  CHECK(world.asked() >= 10 * signatures);
  // What was asked was begun, waits, or was refused: nothing is done for nothing.
  CHECK(world.asked() == signatures + world.waiting() + world.refused());
  const std::uint64_t waiting = world.waiting();
  CHECK(world.answers() == signatures + waiting);
}

TEST_CASE("who has most waiting makes room, not who came last") {
  Overloaded world;
  world.ask("a");
  REQUIRE(world.next() == "a");
  for (std::size_t i = 0; i < Overloaded::kQueue; ++i) world.ask("a");
  for (int i = 0; i < 4; ++i) world.ask("b");
  CHECK(world.refused() == 4);
  // Both have the same: b is no better than a.
  world.ask("b");
  CHECK(world.refused() == 5);
  std::string order;
  for (std::size_t i = 0; i < Overloaded::kQueue; ++i) order += world.next();
  CHECK(order == "abababab");
  CHECK(world.answers() == 1 + Overloaded::kQueue);
}

TEST_CASE("work is not begun for a client that has gone") {
  Overloaded world;
  world.ask("a");
  REQUIRE(world.next() == "a");
  H2Client gone(world.server.server->port(0));
  const auto id = gone.request(get_fields("/app/sign", {{"x-tenant", "gone"}}));
  REQUIRE(eventually([&] { return world.waiting() == 1; }));
  gone.send(frame(testing::kRstStream, 0, id, testing::big_endian(NGHTTP2_CANCEL)));
  REQUIRE(eventually([&] { return world.server.level(metric::kInFlight) == 1; }));
  CHECK(world.waiting() == 1);
  // Its turn comes, and goes to the next.
  RawClient next(world.server.server->port(0));
  next.send("GET /app/sign HTTP/1.1\r\nHost: a\r\nX-Tenant: next\r\n\r\n");
  REQUIRE(eventually([&] { return world.waiting() == 2; }));
  CHECK(world.next() == "next");
}

// Work for a lane that does as it is told.
class Task final : public LaneTask {
 public:
  explicit Task(std::function<void()> work) : work_(std::move(work)) {}
  void run_on_lane(const OnLane&) override { work_(); }
  void turned_away(const Error&) override {}

 private:
  const std::function<void()> work_;
};

TEST_CASE("what would not have its turn before the deadline is refused at once") {
  ServerOptions options;
  options.cpu = {.threads = 1, .max_queued = 100, .deadline = std::chrono::milliseconds{20}};
  Metrics metrics;
  LanePool lanes(options, metrics);
  lanes.start();
  const auto submit = [&](std::string_view tenant, std::function<void()> work) {
    return lanes.submit(Lane::kCpu, tenant, std::make_shared<Task>(std::move(work)));
  };
  const auto begun = [&] {
    return metrics.counter(metric::kLaneTasks, "", "lane=\"cpu\"").value();
  };
  // From this the lane learns that work takes at least 50 ms.
  REQUIRE(submit("a", [] { std::this_thread::sleep_for(std::chrono::milliseconds{400}); }));
  REQUIRE(eventually([&] { return begun() == 1; }));
  std::atomic<bool> is_open{false};
  // Ahead of everything that is new; after it nothing of the first run is left to do.
  std::atomic<bool> is_blocked{false};
  REQUIRE(lanes.resume(Lane::kCpu, std::make_shared<Task>([&] {
                         is_blocked = true;
                         CHECK(eventually([&] { return is_open.load(); }));
                       })));
  REQUIRE(eventually([&] { return is_blocked.load(); }));
  // One of each tenant may always wait.
  CHECK(submit("a", [] {}));
  CHECK(submit("b", [] {}));
  const auto refused = submit("a", [] {});
  is_open = true;
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kUnavailable);
  CHECK(refused.error().retry_after >= std::chrono::seconds{1});
}

// A server whose request bodies have 20 kB in all, beyond the 16 KiB of each connection, and a
// handler that keeps one until the gate is open.
class SmallMemory {
 public:
  SmallMemory() {
    server.options.max_body_memory = 20'000;
    server.app.routes["/app/keep"] = [&](const Request& request, Context& context) {
      if (!context.on(Lane::kCpu)) return Response::run_on(Lane::kCpu);
      std::unique_lock lock(mutex_);
      ++inside_;
      changed_.wait(lock, [&] { return open_; });
      return Response(200, "text/plain", std::to_string(request.body.size()));
    };
    port = server.start();
  }
  ~SmallMemory() { open(); }

  static std::string post(std::string_view path, std::size_t size) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  int inside() {
    const std::scoped_lock lock(mutex_);
    return inside_;
  }

  TestServer server;
  std::uint16_t port = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int inside_ = 0;
};

TEST_CASE("the bodies of all requests of the server are bounded together") {
  SmallMemory world;
  RawClient keeper(world.port);
  keeper.send(SmallMemory::post("/app/keep", 30'000));
  REQUIRE(eventually([&] { return world.inside() == 1; }));
  RawClient refused(world.port);
  const Reply reply = refused.exchange(SmallMemory::post("/app/echo", 30'000));
  CHECK(reply.status == 503);
  CHECK(reply.header("Retry-After") == "1");
  CHECK(reply.header("Connection") == "close");
  H2Client h2(world.port);
  testing::Fields fields = get_fields("/app/echo");
  fields[0].second = "POST";
  CHECK(h2.receive(h2.request(fields, std::string(18'000, 'x'))).status == 503);
  // What fits into the memory of its connection passes.
  CHECK(h2.receive(h2.request(fields, std::string(16'000, 'x'))).status == 200);
  RawClient small(world.port);
  CHECK(small.exchange(SmallMemory::post("/app/echo", 16'000)).status == 200);
  world.open();
  CHECK(keeper.receive().body == "30000");
  // What was held is given back, each time.
  for (int i = 0; i < 3; ++i) {
    CHECK(keeper.exchange(SmallMemory::post("/app/echo", 30'000)).status == 200);
    CHECK(h2.receive(h2.request(fields, std::string(18'000, 'x'))).status == 200);
  }
}

}  // namespace
}  // namespace chancery::http
