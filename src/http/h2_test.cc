// HTTP/2 over loopback with a well-behaved client that works frame by frame.
#include <doctest/doctest.h>

#include "http/test_h2_client.h"

namespace chancery::http {
namespace {

using testing::eventually;
using testing::frame;
using testing::get_fields;
using testing::H2Client;
using testing::H2Reply;
using testing::TestServer;

testing::Fields post_fields(std::string_view path, testing::Fields more = {}) {
  testing::Fields fields = get_fields(path, std::move(more));
  fields[0].second = "POST";
  return fields;
}

TEST_CASE("requests on one connection are answered, in any order") {
  TestServer server;
  H2Client client(server.start());
  const H2Reply first = client.get("/app/hello");
  CHECK(first.status == 200);
  CHECK(first.body == "hello");
  CHECK(first.header("content-type") == "text/plain");
  CHECK(first.header("content-length") == "5");
  CHECK(first.header("date").ends_with(" GMT"));
  CHECK(first.header("x-request-id").size() == 36);
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 50; ++i)
    ids.push_back(client.request(post_fields("/app/echo"), "n" + std::to_string(i)));
  for (std::size_t i = ids.size(); i > 0; --i)
    CHECK(client.receive(ids[i - 1]).body == "POST n" + std::to_string(i - 1));
  CHECK(eventually(
      [&] { return server.count(metric::kRequests, "route=\"/app/hello\",status=\"2xx\"") == 1; }));
  CHECK(eventually(
      [&] { return server.count(metric::kRequests, "route=\"/app/echo\",status=\"2xx\"") == 50; }));
  CHECK(eventually([&] { return server.level(metric::kInFlight) == 0; }));
}

TEST_CASE("HTTP/2: HEAD, empty answers, refusals, HEADERS that say Host") {
  TestServer server;
  server.app.routes["/app/empty"] = [](const Request&, Context&) { return Response::empty(204); };
  server.app.routes["/app/host"] = [](const Request& request, Context&) {
    return Response(200, "text/plain",
                    std::string(request.header("Host").value_or("none")) + " " +
                        std::string(request.header("cookie").value_or("none")))
        .with_header("Connection", "upgrade")
        .with_header("X-Upper", "Case");
  };
  H2Client client(server.start());
  auto head = get_fields("/app/hello");
  head[0].second = "HEAD";
  const H2Reply reply = client.receive(client.request(head));
  CHECK(reply.header("content-length") == "5");
  CHECK(reply.body.empty());
  CHECK(client.get("/app/empty").status == 204);
  CHECK(client.get("/elsewhere").status == 404);
  CHECK(client.get("/app/elsewhere").body == "app: no such route");
  CHECK(client.get("/app/a%2fb").status == 400);
  const H2Reply host = client.get("/app/host", {{"cookie", "a=1"}, {"cookie", "b=2"}});
  CHECK(host.body == "test a=1; b=2");
  CHECK(host.header("connection").empty());
  CHECK(host.header("x-upper") == "Case");
  CHECK(client.get("/app/host", {{"host", "other"}}).status == 400);
  CHECK(client.get("/app/host", {{"host", "TEST"}}).status == 200);
  CHECK(client
            .receive(
                client.request({{":method", "GET"}, {":scheme", "http"}, {":path", "/app/host"}}))
            .reset == NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("HTTP/2: large bodies arrive whole in both directions") {
  TestServer server;
  const auto shared = std::make_shared<const Bytes>(Bytes(5'000'000, 'x'));
  server.app.routes["/app/large"] = [&](const Request&, Context&) {
    return Response(200, "a/b", shared);
  };
  server.app.routes["/app/size"] = [](const Request& request, Context&) {
    return Response(200, "a/b", std::to_string(request.body.size()));
  };
  H2Client client(server.start());
  CHECK(client.get("/app/large").body == as_text(*shared));
  const std::string body(60'000, 'y');
  for (int i = 0; i < 10; ++i)
    CHECK(client.receive(client.request(post_fields("/app/size"), body)).body == "60000");
}

TEST_CASE("HTTP/2: large responses take turns") {
  TestServer server;
  const auto shared = std::make_shared<const Bytes>(Bytes(1'000'000, 'x'));
  server.app.routes["/app/large"] = [&](const Request&, Context&) {
    return Response(200, "a/b", shared);
  };
  // Windows so large that flow control plays no part.
  H2Client client(server.start(), testing::big_endian(4, 2) + testing::big_endian(1U << 30));
  client.grants_windows = false;
  client.send(frame(testing::kWindowUpdate, 0, 0, testing::big_endian(1U << 30)));
  // In one piece, or the first would be answered before the others are there.
  std::vector<std::uint32_t> ids;
  std::string requests;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(client.take_id());
    requests += frame(testing::kHeaders, testing::kEndHeaders | testing::kEndStream, ids.back(),
                      testing::hpack(get_fields("/app/large")));
  }
  client.send(requests);
  CHECK(client.receive(ids.front()).body.size() == shared->size());
  // When one is complete, the others are nearly.
  for (const std::uint32_t id : ids) CHECK(client.reply(id).body.size() > shared->size() / 2);
  for (const std::uint32_t id : ids) CHECK(client.receive(id).complete);
}

TEST_CASE("HTTP/2: what the client's windows do not allow is not sent") {
  TestServer server;
  server.app.routes["/app/large"] = [](const Request&, Context&) {
    return Response(200, "a/b", std::string(100'000, 'x'));
  };
  H2Client client(server.start(), testing::big_endian(4, 2) + testing::big_endian(10));
  client.grants_windows = false;
  const std::uint32_t id = client.request(get_fields("/app/large"));
  while (client.reply(id).body.size() < 10) REQUIRE(client.read_frame());
  // An answered ping shows that nothing else was on its way.
  client.send(frame(testing::kPing, 0, 0, "12345678"));
  while (client.counts[testing::kPing] == 0) REQUIRE(client.read_frame());
  CHECK(client.reply(id).body.size() == 10);
  client.send(frame(testing::kWindowUpdate, 0, id, testing::big_endian(5)));
  while (client.reply(id).body.size() < 15) REQUIRE(client.read_frame());
  CHECK(client.reply(id).body.size() == 15);
}

TEST_CASE("HTTP/2: 100-continue, and an answer before the body is all here") {
  TestServer server;
  server.limits().max_body_bytes = 100;
  H2Client client(server.start());
  const std::uint32_t id = client.take_id();
  client.send(frame(testing::kHeaders, testing::kEndHeaders, id,
                    testing::hpack(post_fields("/app/echo", {{"expect", "100-continue"}}))));
  while (client.reply(id).status != 100) REQUIRE(client.read_frame());
  client.send(frame(testing::kData, testing::kEndStream, id, "abc"));
  CHECK(client.receive(id).body == "POST abc");
  const std::uint32_t early = client.take_id();
  client.send(frame(testing::kHeaders, testing::kEndHeaders, early,
                    testing::hpack(post_fields("/app/echo", {{"content-length", "101"}}))));
  CHECK(client.receive(early).status == 413);
  while (!client.reply(early).reset) REQUIRE(client.read_frame());
  CHECK(*client.reply(early).reset == NGHTTP2_NO_ERROR);
  const H2Reply late =
      client.receive(client.request(post_fields("/app/echo"), std::string(101, 'x')));
  CHECK(late.status == 413);
  CHECK(late.body == "app: the body is too large");
  CHECK(client.get("/app/hello").status == 200);
}

TEST_CASE("HTTP/2: answers from lanes come when they come") {
  TestServer server;
  server.app.routes["/app/lane"] = [](const Request&, Context& context) {
    if (!context.on(Lane::kSearch)) return Response::run_on(Lane::kSearch);
    return Response(200, "text/plain", "from the lane");
  };
  H2Client client(server.start());
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(client.request(get_fields("/app/lane")));
  CHECK(client.get("/app/hello").body == "hello");
  for (const std::uint32_t id : ids) CHECK(client.receive(id).body == "from the lane");
}

TEST_CASE("HTTP/2: a stopping server finishes what it accepted") {
  TestServer server;
  const TicketIssuer commit;
  server.app.routes["/app/write"] = [&](const Request&, Context&) {
    return Response::after(commit.ticket(), [](const Result<Receipt>&) {
      return Response(200, "text/plain", "written");
    });
  };
  H2Client client(server.start());
  CHECK(client.get("/app/hello").status == 200);
  const std::uint32_t id = client.request(get_fields("/app/write"));
  REQUIRE(eventually([&] { return server.level(metric::kInFlight) == 1; }));
  std::jthread stopping([&] { server.server->stop(testing::kPatience); });
  // First a notice, which promises nothing yet; then, when the client has seen it, the last stream.
  CHECK(client.receive_goaway() == NGHTTP2_NO_ERROR);
  CHECK(client.goaway_last_stream() == 0x7fffffff);
  while (client.goaway_last_stream() != id) REQUIRE(client.read_frame());
  commit.complete(Receipt{});
  CHECK(client.receive(id).body == "written");
  CHECK(client.at_end());
}

TEST_CASE("HTTP/2: a connection ends after its share of requests, in peace") {
  TestServer server;
  server.limits().max_requests_per_connection = 3;
  H2Client client(server.start());
  for (int i = 0; i < 3; ++i) CHECK(client.get("/app/hello").status == 200);
  CHECK(client.receive_goaway() == NGHTTP2_NO_ERROR);
  CHECK(client.at_end());
}

}  // namespace
}  // namespace chancery::http
