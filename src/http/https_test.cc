// HTTPS end to end, with our own client.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

#include "http/test_server.h"
#include "net/http_client.h"
#include "net/tls.h"

namespace chancery::http {
namespace {

using testing::RawClient;
using testing::TestServer;

// Self-signed, for 127.0.0.1, valid for a hundred years; made with openssl req -x509.
constexpr std::string_view kCertificate =
    "MIIBlDCCATqgAwIBAgIUV6KbX+"
    "OpNaGsirPyqmjd9ho16E4wCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLdGVzdCBzZXJ2ZXIwIBcN"
    "MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBYxFDASBgNVBAMMC3Rlc3Qgc2VydmVyMFkwEwYHKoZIzj0CAQYIKo"
    "ZIzj0D"
    "AQcDQgAETfY5YjL8Vd1cUMuFL2W5R29BvpPQibNZS9vr+9jsrlY1trq+"
    "zWlUUj0Y4baWyQK3BucvFxc7yi4wJ0k8vtfOkaNkMGIw"
    "HQYDVR0OBBYEFGu110H3UPS5uUd7UqAE+4u4C/McMB8GA1UdIwQYMBaAFGu110H3UPS5uUd7UqAE+4u4C/"
    "McMA8GA1UdEwEB/wQF"
    "MAMBAf8wDwYDVR0RBAgwBocEfwAAATAKBggqhkjOPQQDAgNIADBFAiEA+BUVUEsNkAkybx+"
    "Rjad3C1Z2EIVvaNFpiiYXPl1Bsf4C"
    "IAy0rC6hacxbW10Em4lPOCJ9tInYkejO6wKG6OselMub";
constexpr std::string_view kKey =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEEDI30vLUZ8ejUyv478YHPBBKxDQT4NSM+"
    "BCTz73m36hRANCAARN"
    "9jliMvxV3VxQy4UvZblHb0G+k9CJs1lL2+v72OyuVjW2ur7NaVRSPRjhtpbJArcG5y8XFzvKLjAnSTy+186R";

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    const net::UniqueFd fd(::mkstemp(path.data()));
    REQUIRE(fd);
    REQUIRE(::write(fd.get(), content.data(), content.size()) ==
            static_cast<ssize_t>(content.size()));
  }
  ~TemporaryFile() { std::remove(path.c_str()); }
  std::string path = "/tmp/chancery-http-test-XXXXXX";
};

struct TlsTestServer : TestServer {
  TlsTestServer()
      : ca_file("-----BEGIN CERTIFICATE-----\n" + std::string(kCertificate) +
                "\n-----END CERTIFICATE-----\n") {
    options.listeners.front().tls =
        net::TlsServerContext::create({.chain = {parse_base64(kCertificate).value()},
                                       .private_key = SecretBytes(parse_base64(kKey).value())})
            .value();
    app.routes["/app/tls"] = [](const Request& request, Context&) {
      return Response(200, "text/plain",
                      request.tls ? "tls from " + request.peer_address : "clear");
    };
    app.routes["/app/here"] = [](const Request&, Context&) {
      return Response::empty(302).with_header("Location", "/app/tls");
    };
    app.routes["/app/there"] = [](const Request&, Context&) {
      return Response::empty(302).with_header("Location", "https://127.0.0.2/app/tls");
    };
    app.routes["/app/loop"] = [](const Request&, Context&) {
      return Response::empty(302).with_header("Location", "/app/loop");
    };
    app.routes["/app/large"] = [](const Request&, Context&) {
      return Response(200, "a/b", std::string(3'000'000, 'x'));
    };
    base = "https://127.0.0.1:" + std::to_string(start());
  }

  Result<net::HttpResponse> get(const std::string& path) {
    return send({.method = "GET", .url = base + path});
  }
  Result<net::HttpResponse> send(net::HttpRequest request) const {
    if (request.ca_file.empty()) request.ca_file = ca_file.path;
    return net::send(request, OnLane::outside_server());
  }

  TemporaryFile ca_file;
  std::string base;
};

TEST_CASE("HTTPS requests are answered") {
  TlsTestServer server;
  const auto response = server.get("/app/tls").value();
  CHECK(response.status == 200);
  CHECK(response.body == "tls from 127.0.0.1");
  CHECK(response.header("content-type") == "text/plain");
  CHECK(server.get("/app/nothing").value().status == 404);
  CHECK(server.get("/app/large").value().body.size() == 3'000'000);
  const auto posted = server.send({.method = "LIST",
                                   .url = server.base + "/app/echo",
                                   .headers = {{"X-A", "b"}, {"X-Empty", ""}},
                                   .body = "body"});
  CHECK(posted.value().body == "LIST body");
  CHECK(testing::eventually(
      [&] { return server.count(metric::kHandshakes, "result=\"full\"") >= 1; }));
}

TEST_CASE("the client verifies, bounds, and stays with its host") {
  TlsTestServer server;
  const TemporaryFile empty("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
  CHECK(server.send({.url = server.base + "/app/tls", .ca_file = empty.path}).error().code ==
        Code::kUnavailable);
  CHECK(server.send({.url = "https://localhost" + server.base.substr(17) + "/app/tls"})
            .error()
            .code == Code::kUnavailable);
  CHECK(server.send({.url = server.base + "/app/large", .max_response = 1000}).error().code ==
        Code::kTooLarge);
  CHECK(server.get("/app/here").value().body == "tls from 127.0.0.1");
  CHECK(server.get("/app/there").error().code == Code::kRefused);
  CHECK(server.get("/app/loop").error().code == Code::kRefused);
  CHECK(server.send({.method = "POST", .url = server.base + "/app/here"}).value().status == 302);
  CHECK(server.send({.url = "ftp://127.0.0.1/"}).error().code == Code::kInvalidArgument);
  CHECK(server.send({.url = "not a url"}).error().code == Code::kInvalidArgument);
  CHECK(server.send({.url = server.base + "/app/tls", .headers = {{"A", "b\r\nC: d"}}})
            .error()
            .code == Code::kInvalidArgument);
}

TEST_CASE("failed and excess handshakes are counted") {
  TlsTestServer server;
  const std::uint16_t port = server.server->port(0);
  RawClient clear(port);
  clear.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(testing::eventually(
      [&] { return server.count(metric::kHandshakes, "result=\"failed\"") == 1; }));
  CHECK(server.get("/app/tls").has_value());
}

TEST_CASE("handshakes under way are bounded") {
  TestServer server;
  server.limits().max_handshakes = 2;
  server.options.listeners.front().tls =
      net::TlsServerContext::create({.chain = {parse_base64(kCertificate).value()},
                                     .private_key = SecretBytes(parse_base64(kKey).value())})
          .value();
  const std::uint16_t port = server.start();
  auto first = std::make_unique<RawClient>(port);
  RawClient second(port);
  REQUIRE(testing::eventually([&] { return server.level(metric::kConnections) == 2; }));
  CHECK(RawClient(port).at_end());
  CHECK(testing::eventually(
      [&] { return server.count(metric::kRefused, "reason=\"handshakes\"") == 1; }));
  first.reset();
  REQUIRE(testing::eventually([&] { return server.level(metric::kConnections) == 1; }));
  RawClient third(port);
  CHECK(testing::eventually([&] { return server.level(metric::kConnections) == 2; }));
}

TEST_CASE("a deadline ends the wait") {
  TestServer server;
  server.app.routes["/app/never"] = [](const Request&, Context&) {
    return Response::after(TicketIssuer().ticket(),
                           [](const Result<Receipt>&) { return Response::empty(200); });
  };
  const std::string url = "http://127.0.0.1:" + std::to_string(server.start()) + "/app/never";
  const auto late =
      net::send({.url = url, .timeout = std::chrono::milliseconds{50}}, OnLane::outside_server());
  CHECK(late.error().code == Code::kDeadlineExceeded);
}

}  // namespace
}  // namespace chancery::http
