// Requests that take time: tickets, conflicts, lanes, and the end of the server.
#include <doctest/doctest.h>

#include <condition_variable>

#include "http/test_server.h"

namespace chancery::http {
namespace {

using testing::eventually;
using testing::RawClient;
using testing::Reply;
using testing::TestServer;

constexpr std::chrono::milliseconds kLongGrace{30'000};

// Tickets that the test completes when it likes.
class Commits {
 public:
  Ticket make() {
    const std::scoped_lock lock(mutex_);
    waiting_.emplace_back();
    return waiting_.back().ticket();
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return waiting_.size();
  }
  void complete(std::size_t i, const Result<Receipt>& result) {
    std::unique_lock lock(mutex_);
    const TicketIssuer issuer = waiting_.at(i);
    lock.unlock();
    issuer.complete(result);
  }

 private:
  std::mutex mutex_;
  std::vector<TicketIssuer> waiting_;
};

Response receipt(const Result<Receipt>& result) {
  if (!result) return Response(503, "text/plain", result.error().detail);
  return Response(200, "text/plain", "sequence " + std::to_string(result->sequence));
}

// A gate that handlers wait at.
class Gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  int waiting() {
    const std::scoped_lock lock(mutex_);
    return waiting_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

TEST_CASE("responses wait for their tickets and go to the right client") {
  TestServer server;
  Commits commits;
  server.app.routes["/app/write"] = [&](const Request&, Context&) {
    return Response::after(commits.make(), receipt);
  };
  const std::uint16_t port = server.start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->send(
        "GET /app/write HTTP/1.1\r\nHost: a\r\n\r\nGET /app/hello HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(eventually([&] { return commits.count() == i + 1; }));
  }
  CHECK(server.level(metric::kInFlight) == 40);
  CHECK(eventually([&] { return server.observer.busy == 0; }));
  // Newest first, from another thread, all at once.
  std::jthread committer([&] {
    for (std::size_t i = 40; i > 0; --i) commits.complete(i - 1, Receipt{i - 1});
  });
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK(clients[i]->receive().body == "sequence " + std::to_string(i));
    CHECK(clients[i]->receive().body == "hello");
  }
}

TEST_CASE("a ticket that is complete already, and one that failed") {
  TestServer server;
  server.app.routes["/app/done"] = [](const Request&, Context&) {
    const TicketIssuer issuer;
    issuer.complete(Receipt{7});
    return Response::after(issuer.ticket(), receipt);
  };
  server.app.routes["/app/full"] = [](const Request&, Context&) {
    const TicketIssuer issuer;
    issuer.complete(fail(Code::kStorageFull, "no space"));
    return Response::after(issuer.ticket(), receipt);
  };
  server.app.routes["/app/bad"] = [](const Request&, Context&) {
    const TicketIssuer issuer;
    issuer.complete(Receipt{7});
    return Response::after(issuer.ticket(),
                           [](const Result<Receipt>&) { return Response::run_on(Lane::kCpu); });
  };
  RawClient client(server.start());
  CHECK(client.get("/app/done").body == "sequence 7");
  CHECK(client.get("/app/full").body == "no space");
  CHECK(client.get("/app/bad").status == 500);
}

TEST_CASE("conflicts run the handler again, three times") {
  TestServer server;
  std::atomic<unsigned> runs{0};
  std::atomic<unsigned> conflicts{0};
  server.app.routes["/app/write"] = [&](const Request&, Context& context) {
    CHECK(context.attempt() == runs % 4);
    ++runs;
    const TicketIssuer issuer;
    if (context.attempt() < conflicts) {
      issuer.complete(fail(Code::kConflict, "somebody was faster"));
    } else {
      issuer.complete(Receipt{runs});
    }
    return Response::after(issuer.ticket(), receipt);
  };
  RawClient client(server.start());
  conflicts = 3;
  CHECK(client.get("/app/write").body == "sequence 4");
  conflicts = 4;
  const Reply refused = client.get("/app/write");
  CHECK(refused.status == 409);
  CHECK(refused.body == "app: somebody was faster");
  CHECK(runs == 8);
}

Ticket completed(const Result<Receipt>& result) {
  const TicketIssuer issuer;
  issuer.complete(result);
  return issuer.ticket();
}

TEST_CASE("commits that follow one another, and what answers a conflict of the second") {
  TestServer server;
  std::atomic<unsigned> runs{0};
  const auto second = [&](bool conflicts) {
    const auto result = conflicts ? Result<Receipt>(fail(Code::kConflict, "somebody was faster"))
                                  : Result<Receipt>(Receipt{2});
    return Response::after_any(completed(result), receipt);
  };
  server.app.routes["/app/both"] = [&](const Request& request, Context&) {
    ++runs;
    return Response::after(completed(Receipt{1}),
                           [&, conflicts = !request.query.empty()](const Result<Receipt>&) {
                             return second(conflicts);
                           });
  };
  RawClient client(server.start());
  CHECK(client.get("/app/both").body == "sequence 2");
  const Reply refused = client.get("/app/both?conflict");
  CHECK(refused.status == 503);
  CHECK(refused.body == "somebody was faster");
  CHECK(runs == 2);
}

TEST_CASE("commits without end are the handler's fault") {
  TestServer server;
  std::atomic<unsigned> commits{0};
  std::function<Response(const Result<Receipt>&)> again;
  again = [&](const Result<Receipt>&) {
    ++commits;
    return Response::after(completed(Receipt{1}), again);
  };
  server.app.routes["/app/endless"] = [&](const Request&, Context&) { return again(Receipt{}); };
  RawClient client(server.start());
  CHECK(client.get("/app/endless").status == 500);
  CHECK(commits == 4);
}

TEST_CASE("what is done to a final response waits for its commits") {
  TestServer server;
  const auto sign = [](Response response) {
    return Response::finally(std::move(response), [](Response done) {
      return std::move(done).with_header("X-Seen", "once");
    });
  };
  server.app.routes["/app/now"] = [&](const Request&, Context&) {
    return sign(Response(200, "text/plain", "now"));
  };
  server.app.routes["/app/lane"] = [&](const Request&, Context& context) {
    return sign(context.lane() ? Response(200, "text/plain", "lane")
                               : Response::run_on(Lane::kCpu));
  };
  server.app.routes["/app/later"] = [&](const Request&, Context&) {
    return sign(Response::after(completed(Receipt{1}), [](const Result<Receipt>&) {
      return Response::after(completed(Receipt{2}), receipt);
    }));
  };
  RawClient client(server.start());
  for (const std::string path : {"/app/now", "/app/lane", "/app/later"}) {
    INFO(path);
    const Reply reply = client.get(path);
    CHECK(reply.status == 200);
    CHECK(reply.header("X-Seen") == "once");
  }
}

TEST_CASE("lanes run handlers again, with the right to wait") {
  TestServer server;
  std::atomic<unsigned> runs{0};
  server.app.routes["/app/slow"] = [&](const Request& request, Context& context) {
    ++runs;
    if (!context.on(Lane::kCpu)) {
      CHECK(context.on_lane() == nullptr);
      return Response::run_on(Lane::kCpu);
    }
    CHECK(context.on_lane() != nullptr);
    return Response(200, "text/plain", request.body);
  };
  server.app.routes["/app/circle"] = [](const Request&, Context&) {
    return Response::run_on(Lane::kSearch);
  };
  server.app.routes["/app/throw"] = [](const Request&, Context& context) -> Response {
    if (!context.on(Lane::kOutbound)) return Response::run_on(Lane::kOutbound);
    throw std::runtime_error("on a lane");
  };
  RawClient client(server.start());
  CHECK(client.exchange("POST /app/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok").body ==
        "ok");
  CHECK(runs == 2);
  CHECK(client.get("/app/circle").status == 500);
  CHECK(client.get("/app/throw").status == 500);
  CHECK(eventually([&] { return server.count(metric::kLaneTasks, "lane=\"cpu\"") == 1; }));
  CHECK(server.level(metric::kLaneRunning, "lane=\"cpu\"") == 0);
}

TEST_CASE("a lane does not stand still for a commit, and reruns and renders on its own thread") {
  TestServer server;
  Commits commits;
  std::mutex mutex;
  std::vector<std::thread::id> threads;
  const auto note_thread = [&] {
    const std::scoped_lock lock(mutex);
    threads.push_back(std::this_thread::get_id());
  };
  server.app.routes["/app/write"] = [&](const Request&, Context& context) {
    if (!context.on(Lane::kCpu)) return Response::run_on(Lane::kCpu);
    note_thread();
    return Response::after(commits.make(), [&](const Result<Receipt>& result) {
      note_thread();
      return receipt(result);
    });
  };
  const std::uint16_t port = server.start();
  RawClient first(port);
  RawClient second(port);
  first.send("GET /app/write HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return commits.count() == 1; }));
  second.send("GET /app/write HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return commits.count() == 2; }));
  commits.complete(0, fail(Code::kConflict, "again"));
  REQUIRE(eventually([&] { return commits.count() == 3; }));
  commits.complete(1, Receipt{1});
  commits.complete(2, Receipt{2});
  CHECK(first.receive().body == "sequence 2");
  CHECK(second.receive().body == "sequence 1");
  // One thread serves the lane, and it did all five.
  CHECK(threads.size() == 5);
  for (const auto& id : threads) CHECK(id == threads.front());
}

TEST_CASE("a full lane refuses, and another lane does not care") {
  TestServer server;
  server.options.cpu = {.threads = 1, .max_queued = 1, .deadline = kLongGrace};
  Gate gate;
  server.app.routes["/app/slow"] = [&](const Request&, Context& context) {
    if (!context.on(Lane::kCpu)) return Response::run_on(Lane::kCpu);
    gate.wait();
    return Response(200, "text/plain", "done");
  };
  server.app.routes["/app/search"] = [&](const Request&, Context& context) {
    if (!context.on(Lane::kSearch)) return Response::run_on(Lane::kSearch);
    return Response(200, "text/plain", "found");
  };
  const std::uint16_t port = server.start();
  RawClient running(port);
  RawClient queued(port);
  RawClient refused(port);
  running.send("GET /app/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return gate.waiting() == 1; }));
  queued.send("GET /app/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return server.level(metric::kLaneQueued, "lane=\"cpu\"") == 1; }));
  const Reply refusal = refused.get("/app/slow");
  CHECK(refusal.status == 503);
  CHECK(refusal.body == "app: too much work of this kind is waiting");
  CHECK(refused.get("/app/search").body == "found");
  CHECK(refused.get("/app/hello").body == "hello");
  CHECK(eventually(
      [&] { return server.count(metric::kLaneRefused, "lane=\"cpu\",reason=\"full\"") == 1; }));
  gate.open();
  CHECK(running.receive().body == "done");
  CHECK(queued.receive().body == "done");
}

TEST_CASE("work that waits too long behind a lane that hangs is refused") {
  TestServer server;
  server.options.cpu = {.threads = 1, .max_queued = 10, .deadline = std::chrono::milliseconds{50}};
  Gate gate;
  server.app.routes["/app/slow"] = [&](const Request&, Context& context) {
    if (!context.on(Lane::kCpu)) return Response::run_on(Lane::kCpu);
    gate.wait();
    return Response(200, "text/plain", "done");
  };
  const std::uint16_t port = server.start();
  RawClient running(port);
  running.send("GET /app/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(eventually([&] { return gate.waiting() == 1; }));
  RawClient queued(port);
  CHECK(queued.get("/app/slow").status == 503);
  CHECK(queued.get("/app/hello").status == 200);
  CHECK(eventually(
      [&] { return server.count(metric::kLaneRefused, "lane=\"cpu\",reason=\"deadline\"") == 1; }));
  gate.open();
  CHECK(running.receive().body == "done");
}

TEST_CASE("stopping answers what was accepted and closes what is idle") {
  TestServer server;
  Commits commits;
  Gate gate;
  server.app.routes["/app/write"] = [&](const Request&, Context&) {
    return Response::after(commits.make(), receipt);
  };
  server.app.routes["/app/slow"] = [&](const Request&, Context& context) {
    if (!context.on(Lane::kCpu)) return Response::run_on(Lane::kCpu);
    gate.wait();
    return Response(200, "text/plain", "done");
  };
  const std::uint16_t port = server.start();
  RawClient idle(port);
  CHECK(idle.get("/app/hello").status == 200);
  RawClient writing(port);
  writing.send("GET /app/write HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient slow(port);
  slow.send("GET /app/slow HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient half(port);
  CHECK(half.get("/app/hello").status == 200);
  half.send("POST /app/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  REQUIRE(eventually([&] { return commits.count() == 1 && gate.waiting() == 1; }));
  std::jthread stopper([&] { server.server->stop(kLongGrace); });
  CHECK(idle.at_end());
  CHECK(eventually([&] { return !RawClient(port).connected(); }));
  half.send("cd");
  commits.complete(0, Receipt{5});
  gate.open();
  for (auto* client : {&writing, &slow, &half}) {
    const Reply reply = client->receive();
    CHECK(reply.status == 200);
    CHECK(reply.header("Connection") == "close");
    CHECK(client->at_end());
    client->finish_sending();
  }
}

TEST_CASE("the grace period ends, and a late ticket finds nobody") {
  Commits commits;
  {
    TestServer server;
    server.app.routes["/app/write"] = [&](const Request&, Context&) {
      return Response::after(commits.make(), receipt);
    };
    server.app.routes["/app/lane"] = [&](const Request&, Context& context) {
      if (!context.on(Lane::kCpu)) return Response::run_on(Lane::kCpu);
      return Response::after(commits.make(), receipt);
    };
    const std::uint16_t port = server.start();
    RawClient client(port);
    RawClient on_lane(port);
    client.send("GET /app/write HTTP/1.1\r\nHost: a\r\n\r\n");
    on_lane.send("GET /app/lane HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(eventually([&] { return commits.count() == 2; }));
    server.server->stop(std::chrono::milliseconds{20});
    CHECK(client.at_end());
    CHECK(on_lane.at_end());
    CHECK(eventually([&] { return server.level(metric::kInFlight) == 0; }));
    CHECK(server.level(metric::kConnections) == 0);
    CHECK(server.observer.busy == 0);
  }
  commits.complete(0, Receipt{1});
  commits.complete(1, Receipt{1});
}

TEST_CASE("no request that reached a handler is lost under load while stopping") {
  TestServer server;
  std::atomic<std::uint64_t> handled{0};
  server.app.routes["/app/count"] = [&](const Request&, Context&) {
    ++handled;
    return Response(200, "text/plain", "counted");
  };
  const std::uint16_t port = server.start();
  std::atomic<std::uint64_t> answered{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        while (true) {
          RawClient client(port);
          if (!client.connected()) return;
          Reply reply;
          do {
            reply = client.get("/app/count");
            if (reply.status == 200) ++answered;
          } while (reply.status == 200 && reply.header("Connection").empty());
        }
      });
    }
    REQUIRE(eventually([&] { return answered > 200; }));
    server.server->stop(kLongGrace);
  }
  CHECK(answered == handled);
}

}  // namespace
}  // namespace chancery::http
