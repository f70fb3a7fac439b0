// The server over loopback: one request after the other, well-behaved or not.
#include <doctest/doctest.h>

#include "http/test_server.h"

namespace chancery::http {
namespace {

using testing::eventually;
using testing::RawClient;
using testing::Reply;
using testing::TestServer;

TEST_CASE("a connection serves many requests") {
  TestServer server;
  const std::uint16_t port = server.start();
  REQUIRE(port != 0);
  RawClient client(port);
  std::string previous_id;
  for (int i = 0; i < 20; ++i) {
    const Reply reply = client.get("/app/hello");
    CHECK(reply.status == 200);
    CHECK(reply.body == "hello");
    CHECK(reply.header("Content-Type") == "text/plain");
    CHECK(reply.header("Connection").empty());
    CHECK(reply.header("Date").ends_with(" GMT"));
    CHECK(reply.header("X-Request-Id") != previous_id);
    previous_id = reply.header("X-Request-Id");
  }
  CHECK(eventually([&] {
    return server.count(metric::kRequests, "route=\"/app/hello\",status=\"2xx\"") == 20;
  }));
  CHECK(server.level(metric::kConnections) == 1);
  CHECK(eventually([&] { return server.level(metric::kInFlight) == 0; }));
}

TEST_CASE("pipelined requests are answered in order, however they are cut") {
  TestServer server;
  RawClient client(server.start());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    const std::string body = "n" + std::to_string(i);
    all += "POST /app/echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  const auto check_all = [&] {
    for (int i = 0; i < 50; ++i) CHECK(client.receive().body == "POST n" + std::to_string(i));
  };
  client.send(all);
  check_all();
  for (std::size_t at = 0; at < all.size(); at += 37)
    client.send(std::string_view(all).substr(at, 37));
  check_all();
}

TEST_CASE("chunked bodies and other methods reach the handler") {
  TestServer server;
  RawClient client(server.start());
  CHECK(client
            .exchange("LIST /app/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            .body == "LIST abcde");
  CHECK(client.exchange("SCAN /app/echo HTTP/1.1\r\nHost: a\r\n\r\n").body == "SCAN ");
}

TEST_CASE("HEAD has the length of the body but no body") {
  TestServer server;
  RawClient client(server.start());
  const Reply reply = client.exchange("HEAD /app/hello HTTP/1.1\r\nHost: a\r\n\r\n", false);
  CHECK(reply.status == 200);
  CHECK(reply.header("Content-Length") == "5");
  CHECK(client.get("/app/hello").body == "hello");
}

TEST_CASE("100-continue is sent when the body is wanted") {
  TestServer server;
  RawClient client(server.start());
  client.send(
      "POST /app/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.receive(false).status == 100);
  CHECK(client.exchange("abc").body == "POST abc");
  client.send(
      "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.receive().status == 404);
  CHECK(client.at_end());
}

TEST_CASE("large bodies arrive whole in both directions") {
  TestServer server;
  const auto shared = std::make_shared<const Bytes>(Bytes(5'000'000, 'x'));
  server.app.routes["/app/large"] = [&](const Request&, Context&) {
    return Response(200, "a/b", shared);
  };
  server.app.routes["/app/size"] = [](const Request& request, Context&) {
    return Response(200, "a/b", std::to_string(request.body.size()));
  };
  RawClient client(server.start());
  CHECK(client.get("/app/large").body == as_text(*shared));
  const std::string body(900'000, 'y');
  CHECK(
      client.exchange("PUT /app/size HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n" + body)
          .body == "900000");
  CHECK(client.get("/app/large").body.size() == shared->size());
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection") {
  TestServer server;
  const std::uint16_t port = server.start();
  RawClient old(port);
  const Reply reply = old.exchange("GET /app/hello HTTP/1.0\r\n\r\n");
  CHECK(reply.body == "hello");
  CHECK(reply.header("Connection") == "close");
  CHECK(old.at_end());
  RawClient closing(port);
  CHECK(closing.exchange("GET /app/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").body ==
        "hello");
  CHECK(closing.at_end());
  RawClient half(port);
  half.send("GET /app/hello HTTP/1.1\r\nHost: a\r\n\r\n");
  half.finish_sending();
  CHECK(half.receive().body == "hello");
  CHECK(half.at_end());
}

TEST_CASE("paths outside every prefix are refused by the server, inside by the application") {
  TestServer server;
  RawClient client(server.start());
  const Reply outside = client.get("/elsewhere");
  CHECK(outside.status == 404);
  CHECK(outside.header("Content-Type") == "application/json");
  CHECK(outside.body.starts_with("{\"errors\":[\""));
  CHECK(client.get("/app/elsewhere").body == "app: no such route");
  CHECK(client.get("/application").status == 404);
  const Reply malformed = client.get("/app/a%2fb");
  CHECK(malformed.status == 400);
  CHECK(malformed.body.starts_with("app: "));
  CHECK(client.at_end());
}

TEST_CASE("what is too large is refused and the connection closed") {
  TestServer server;
  server.limits().max_body_bytes = 100;
  const std::uint16_t port = server.start();
  RawClient body(port);
  // The client keeps sending; it must be able to read the answer all the same.
  body.send("POST /app/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" +
            std::string(1'000'000, 'x'));
  const Reply reply = body.receive();
  CHECK(reply.status == 413);
  CHECK(reply.body.starts_with("app: "));
  CHECK(reply.header("Connection") == "close");
  RawClient head(port);
  CHECK(head.exchange("GET /app/hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') +
                      "\r\n\r\n")
            .status == 431);
  CHECK(head.at_end());
  RawClient chunks(port);
  CHECK(chunks
            .exchange(
                "POST /app/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nxxx")
            .status == 413);
  CHECK(chunks.at_end());
}

TEST_CASE("garbage is answered and does no harm") {
  TestServer server;
  const std::uint16_t port = server.start();
  for (const std::string bytes :
       {"\x16\x03\x01\x02\x01\x01", "\n", "GET / HTTP/9.9\r\n\r\n", "A\r\n\r\n"}) {
    RawClient client(port);
    const unsigned status = client.exchange(bytes + "\r\n\r\n").status;
    CHECK((status == 400 || status == 505));
    CHECK(client.at_end());
  }
  CHECK(RawClient(port).get("/app/hello").status == 200);
}

TEST_CASE("slow clients are let go") {
  TestServer server;
  server.limits().header_timeout = std::chrono::milliseconds{80};
  server.limits().body_timeout = std::chrono::milliseconds{80};
  server.limits().idle_timeout = std::chrono::milliseconds{80};
  const std::uint16_t port = server.start();
  RawClient silent(port);
  CHECK(silent.at_end());
  RawClient slow_head(port);
  CHECK(slow_head.exchange("GET /app/hello HTTP/1.1\r\nHos").status == 408);
  CHECK(slow_head.at_end());
  RawClient slow_body(port);
  CHECK(slow_body.exchange("POST /app/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
            .status == 408);
  CHECK(slow_body.at_end());
  RawClient idle(port);
  CHECK(idle.get("/app/hello").status == 200);
  CHECK(idle.at_end());
  CHECK(eventually([&] { return server.level(metric::kConnections) == 0; }));
}

TEST_CASE("a client that does not read its response is let go") {
  TestServer server;
  server.limits().write_timeout = std::chrono::milliseconds{80};
  const auto shared = std::make_shared<const Bytes>(Bytes(64'000'000, 'x'));
  server.app.routes["/app/large"] = [&](const Request&, Context&) {
    return Response(200, "a/b", shared);
  };
  RawClient client(server.start());
  client.send("GET /app/large HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(eventually(
      [&] { return server.count(metric::kRequests, "route=\"/app/large\",status=\"2xx\"") == 1; }));
  CHECK(eventually([&] { return server.level(metric::kConnections) == 0; }));
}

TEST_CASE("connections beyond the limit are closed at once") {
  TestServer server;
  server.limits().max_connections = 2;
  const std::uint16_t port = server.start();
  RawClient first(port);
  RawClient second(port);
  CHECK(first.get("/app/hello").status == 200);
  CHECK(second.get("/app/hello").status == 200);
  RawClient third(port);
  CHECK(third.at_end());
  CHECK(eventually([&] { return server.count(metric::kRefused, "reason=\"limit\"") == 1; }));
}

TEST_CASE("a connection ends after its number of requests") {
  TestServer server;
  server.limits().max_requests_per_connection = 3;
  RawClient client(server.start());
  CHECK(client.get("/app/hello").header("Connection").empty());
  CHECK(client.get("/app/hello").header("Connection").empty());
  CHECK(client.get("/app/hello").header("Connection") == "close");
  CHECK(client.at_end());
}

TEST_CASE("a handler that throws costs its request only") {
  TestServer server;
  server.app.routes["/app/throw"] = [](const Request&, Context&) -> Response {
    throw std::runtime_error("secret");
  };
  server.app.routes["/app/memory"] = [](const Request&, Context&) -> Response {
    throw std::bad_alloc();
  };
  server.app.routes["/app/int"] = [](const Request&, Context&) -> Response { throw 1; };
  RawClient client(server.start());
  for (const std::string path : {"/app/throw", "/app/memory", "/app/int"}) {
    const Reply reply = client.get(path);
    CHECK(reply.status == 500);
    CHECK(reply.body == "app: internal error");
  }
  CHECK(client.get("/app/hello").status == 200);
}

TEST_CASE("a port that is taken is reported") {
  TestServer first;
  const std::uint16_t port = first.start();
  TestServer second;
  second.options.listeners.front().port = port;
  second.server = std::make_unique<Server>(second.options, second.observer, second.random,
                                           second.metrics, second.log);
  const auto started = second.server->start();
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().code == Code::kUnavailable);
  TestServer named;
  named.options.listeners.front().address = "localhost";
  named.server = std::make_unique<Server>(named.options, named.observer, named.random,
                                          named.metrics, named.log);
  CHECK(named.server->start().error().code == Code::kInvalidArgument);
}

}  // namespace
}  // namespace chancery::http
