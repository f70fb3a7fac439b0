// Hostile HTTP/2: every bound is reached by counting, and every end of a connection says why.
#include <doctest/doctest.h>

#include "http/test_h2_client.h"

namespace chancery::http {
namespace {

using testing::big_endian;
using testing::eventually;
using testing::Fields;
using testing::frame;
using testing::get_fields;
using testing::H2Client;
using testing::H2Reply;
using testing::hpack;
using testing::TestServer;
using Kind = H2Guard::Kind;

std::string repeat(std::string_view what, std::uint64_t count) {
  std::string out;
  for (std::uint64_t i = 0; i < count; ++i) out += what;
  return out;
}

// Sends as many as are allowed: the connection serves on. One more: it ends, saying why.
void check_allowance(Kind kind, std::string_view one, std::uint64_t already = 0) {
  TestServer server;
  H2Client client(server.start());
  client.grants_windows = false;  // those updates would count too
  client.send(repeat(one, H2Guard::allowance(kind) - already));
  CHECK(client.get("/app/hello").status == 200);
  CHECK(server.count(metric::kH2Ended) == 0);
  client.send(one);
  CHECK(client.receive_goaway() == NGHTTP2_ENHANCE_YOUR_CALM);
  CHECK(client.goaway_text() == H2Guard::complaint(kind));
  CHECK(client.at_end());
  CHECK(eventually([&] { return server.count(metric::kH2Ended) == 1; }));
}

TEST_CASE("floods of control frames end the connection at the allowance") {
  check_allowance(Kind::kPing, frame(testing::kPing, 0, 0, "12345678"));
  // The preface and the acknowledgement of the server's own count too.
  check_allowance(Kind::kSettings, frame(testing::kSettings, 0, 0), 2);
  check_allowance(Kind::kOther, frame(testing::kPriority, 0, 9, std::string(5, '\0')));
  check_allowance(Kind::kWindowUpdate, frame(testing::kWindowUpdate, 0, 0, big_endian(1)));
}

TEST_CASE("empty DATA frames end the connection at the allowance") {
  TestServer server;
  H2Client client(server.start());
  Fields fields = get_fields("/app/echo");
  fields[0].second = "POST";
  const std::uint32_t id = client.take_id();
  client.send(frame(testing::kHeaders, testing::kEndHeaders, id, hpack(fields)));
  const std::string empty = frame(testing::kData, 0, id);
  client.send(repeat(empty, H2Guard::allowance(Kind::kEmptyData)));
  CHECK(client.get("/app/hello").status == 200);
  client.send(empty);
  CHECK(client.receive_goaway() == NGHTTP2_ENHANCE_YOUR_CALM);
  CHECK(client.goaway_text() == H2Guard::complaint(Kind::kEmptyData));
}

// CVE-2023-44487.
TEST_CASE("rapid reset: requests that are taken back at once are not run, and end the connection") {
  TestServer server;
  std::atomic<int> runs = 0;
  server.app.routes["/app/work"] = [&](const Request&, Context&) {
    ++runs;
    return Response(200, "text/plain", "done");
  };
  H2Client client(server.start());
  const auto open_and_reset = [&] {
    const std::uint32_t id = client.take_id();
    return frame(testing::kHeaders, testing::kEndHeaders | testing::kEndStream, id,
                 hpack(get_fields("/app/work"))) +
           frame(testing::kRstStream, 0, id, big_endian(NGHTTP2_CANCEL));
  };
  std::string all;
  for (std::uint64_t i = 0; i < H2Guard::allowance(Kind::kReset); ++i) all += open_and_reset();
  client.send(all);
  CHECK(client.get("/app/hello").status == 200);
  client.send(open_and_reset());
  CHECK(client.receive_goaway() == NGHTTP2_ENHANCE_YOUR_CALM);
  CHECK(client.goaway_text() == H2Guard::complaint(Kind::kReset));
  // Only a request whose reset came in a later read was begun.
  CHECK(runs < 40);
}

// CVE-2025-8671: the client makes the server reset.
TEST_CASE("streams that the client makes the server reset count as resets") {
  TestServer server;
  H2Client client(server.start());
  std::string all;
  for (std::uint64_t i = 0; i <= H2Guard::allowance(Kind::kReset); ++i) {
    const std::uint32_t id = client.take_id();
    all += frame(testing::kHeaders, testing::kEndHeaders, id, hpack(get_fields("/app/echo")));
    all += frame(testing::kWindowUpdate, 0, id, big_endian(0x7fffffff));
  }
  client.send(all);
  CHECK(client.receive_goaway() == NGHTTP2_ENHANCE_YOUR_CALM);
  CHECK(client.goaway_text() == H2Guard::complaint(Kind::kReset));
}

TEST_CASE("work of streams that were reset still counts against the bound of streams") {
  TestServer server;
  server.limits().max_streams = 4;
  std::vector<TicketIssuer> commits(4);
  std::atomic<std::size_t> next = 0;
  server.app.routes["/app/write"] = [&](const Request&, Context&) {
    return Response::after(commits.at(next++).ticket(),
                           [](const Result<Receipt>&) { return Response::empty(204); });
  };
  H2Client client(server.start());
  for (std::size_t i = 1; i <= commits.size(); ++i) {
    const std::uint32_t id = client.request(get_fields("/app/write"));
    REQUIRE(eventually([&] { return next == i; }));
    client.send(frame(testing::kRstStream, 0, id, big_endian(NGHTTP2_CANCEL)));
  }
  CHECK(client.get("/app/hello").reset == NGHTTP2_REFUSED_STREAM);
  for (const TicketIssuer& commit : commits) commit.complete(Receipt{});
  CHECK(eventually([&] { return client.get("/app/hello").status == 200; }));
}

TEST_CASE("more streams at once than allowed are refused") {
  TestServer server;
  server.limits().max_streams = 2;
  server.app.routes["/app/write"] = [&](const Request&, Context&) {
    return Response::after(TicketIssuer().ticket(),
                           [](const Result<Receipt>&) { return Response::empty(204); });
  };
  H2Client client(server.start());
  // Before the client knows the bound, it is told so; afterwards it is an error of the protocol.
  client.request(get_fields("/app/write"));
  client.request(get_fields("/app/write"));
  const std::uint32_t third = client.request(get_fields("/app/write"));
  CHECK(client.receive(third).reset == NGHTTP2_REFUSED_STREAM);
  client.request(get_fields("/app/write"));
  CHECK(client.receive_goaway() == NGHTTP2_PROTOCOL_ERROR);
}

TEST_CASE("header lists are bounded in size and number") {
  TestServer server;
  server.limits().max_header_bytes = 2000;
  server.limits().max_headers = 10;
  const std::uint16_t port = server.start();
  H2Client client(port);
  CHECK(client.get("/app/hello", {{"x", std::string(1500, 'x')}}).status == 200);
  CHECK(client.get("/app/hello", {{"x", std::string(2000, 'x')}}).status == 431);
  Fields six;
  for (int i = 0; i < 6; ++i) six.emplace_back("x", "1");
  CHECK(client.get("/app/hello", six).status == 200);
  six.emplace_back("x", "1");
  CHECK(client.get("/app/hello", six).status == 431);
  client.request(get_fields("/app/hello", {{"x", std::string(9000, 'x')}}));
  CHECK(client.receive_goaway() == NGHTTP2_ENHANCE_YOUR_CALM);
  CHECK(client.goaway_text() == "the headers of one request are far too large");
}

TEST_CASE("a header of the compression's table that is repeated counts each time") {
  TestServer server;
  H2Client client(server.start());
  // Puts a header of 4,000 bytes into the table (RFC 7541, 6.2.1), then names it (index 62).
  const std::string block = hpack(get_fields("/app/hello")) + '\x40' + testing::hpack_string("x") +
                            testing::hpack_string(std::string(4000, 'x')) + repeat("\xbe", 1000);
  client.send(frame(testing::kHeaders, testing::kEndHeaders | testing::kEndStream, client.take_id(),
                    block));
  CHECK(client.receive_goaway() == NGHTTP2_ENHANCE_YOUR_CALM);
}

// CVE-2024-27316 and its kin.
TEST_CASE("CONTINUATION frames without end are cut off") {
  TestServer server;
  H2Client client(server.start());
  const std::uint32_t id = client.take_id();
  client.send(frame(testing::kHeaders, testing::kEndStream, id, hpack(get_fields("/app/hello"))));
  client.send(repeat(frame(testing::kContinuation, 0, id), 9));
  CHECK(client.receive_goaway() == NGHTTP2_ENHANCE_YOUR_CALM);
  CHECK(client.at_end());
  H2Client other(server.server->port(0));
  const std::uint32_t good = other.take_id();
  other.send(frame(testing::kHeaders, testing::kEndStream, good, hpack(get_fields("/app/hello"))) +
             repeat(frame(testing::kContinuation, 0, good), 7) +
             frame(testing::kContinuation, testing::kEndHeaders, good));
  CHECK(other.receive(good).status == 200);
}

TEST_CASE("trailers are bounded like headers") {
  TestServer server;
  H2Client client(server.start());
  Fields fields = get_fields("/app/echo");
  fields[0].second = "POST";
  std::uint32_t id = client.take_id();
  client.send(frame(testing::kHeaders, testing::kEndHeaders, id, hpack(fields)) +
              frame(testing::kData, 0, id, "abc") +
              frame(testing::kHeaders, testing::kEndHeaders | testing::kEndStream, id,
                    hpack({{"x-sum", "1"}})));
  CHECK(client.receive(id).body == "POST abc");
  id = client.take_id();
  client.send(frame(testing::kHeaders, testing::kEndHeaders, id, hpack(fields)) +
              frame(testing::kHeaders, testing::kEndHeaders | testing::kEndStream, id,
                    '\x40' + testing::hpack_string("x") +
                        testing::hpack_string(std::string(4000, 'x')) + repeat("\xbe", 1000)));
  CHECK(client.receive_goaway() == NGHTTP2_ENHANCE_YOUR_CALM);
}

TEST_CASE("the bodies of all requests on a connection are bounded together") {
  TestServer server;
  server.limits().max_body_bytes = 30'000;
  server.limits().max_connection_body_bytes = 50'000;
  H2Client client(server.start());
  Fields fields = get_fields("/app/echo");
  fields[0].second = "POST";
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(client.take_id());
    client.send(frame(testing::kHeaders, testing::kEndHeaders, ids.back(), hpack(fields)) +
                frame(testing::kData, 0, ids.back(), std::string(16'000, 'x')));
  }
  client.send(frame(testing::kData, 0, ids.back(), std::string(10'000, 'x')));
  CHECK(client.receive(ids.back()).status == 429);
  client.send(frame(testing::kData, testing::kEndStream, ids[0], "end"));
  CHECK(client.receive(ids[0]).status == 200);
  client.send(frame(testing::kData, testing::kEndStream, ids[1], std::string(14'000, 'x')));
  CHECK(client.receive(ids[1]).body.size() == 5 + 30'000);
}

TEST_CASE("HTTP/2: slow heads, slow bodies and idle connections are let go") {
  TestServer server;
  server.limits().header_timeout = std::chrono::milliseconds{80};
  server.limits().body_timeout = std::chrono::milliseconds{80};
  server.limits().idle_timeout = std::chrono::milliseconds{80};
  const std::uint16_t port = server.start();
  H2Client silent(port);
  CHECK(silent.receive_goaway() == NGHTTP2_NO_ERROR);
  CHECK(silent.at_end());
  H2Client slow_head(port);
  slow_head.send(frame(testing::kHeaders, testing::kEndStream, 1, hpack(get_fields("/app/hello"))));
  CHECK(slow_head.at_end());
  H2Client slow_body(port);
  Fields fields = get_fields("/app/echo");
  fields[0].second = "POST";
  slow_body.send(frame(testing::kHeaders, testing::kEndHeaders, 1, hpack(fields)) +
                 frame(testing::kData, 0, 1, "ab"));
  CHECK(slow_body.receive(1).status == 408);
  CHECK(slow_body.at_end());
  CHECK(eventually([&] { return server.level(metric::kConnections) == 0; }));
}

TEST_CASE("HTTP/2: a client that opens no window, or does not read, is let go") {
  TestServer server;
  server.limits().write_timeout = std::chrono::milliseconds{80};
  const auto shared = std::make_shared<const Bytes>(Bytes(64'000'000, 'x'));
  server.app.routes["/app/large"] = [&](const Request&, Context&) {
    return Response(200, "a/b", shared);
  };
  const std::uint16_t port = server.start();
  H2Client closed_window(port, big_endian(4, 2) + big_endian(0));
  const H2Reply reply = closed_window.get("/app/large");
  CHECK(reply.status == 200);
  CHECK(reply.reset == NGHTTP2_CANCEL);
  CHECK(closed_window.get("/app/hello").reset == NGHTTP2_CANCEL);
  H2Client deaf(port, big_endian(4, 2) + big_endian(1U << 30));
  deaf.send(frame(testing::kWindowUpdate, 0, 0, big_endian(1U << 30)));
  deaf.request(get_fields("/app/large"));
  CHECK(eventually(
      [&] { return server.count(metric::kRequests, "route=\"/app/large\",status=\"2xx\"") == 2; }));
  CHECK(eventually([&] { return server.level(metric::kConnections) == 1; }));
}

TEST_CASE("what is no HTTP/2 at all ends with a GOAWAY or without a word") {
  TestServer server;
  const std::uint16_t port = server.start();
  for (const std::string& bytes :
       {frame(testing::kHeaders, testing::kEndHeaders, 2, "x"),  // an even stream
        frame(testing::kData, 0, 1, "x"),                        // no such stream
        frame(testing::kHeaders, testing::kEndHeaders, 1, "\xff\xff\xff\xff\xff\xff"),  // HPACK
        frame(testing::kPushPromise, 0, 1, "abcd"), frame(testing::kSettings, 0, 1),
        frame(testing::kWindowUpdate, 0, 0, big_endian(0)), frame(testing::kContinuation, 0, 1),
        std::string(100'000, '\xff')}) {
    H2Client client(port);
    client.send(bytes);
    const auto code = client.receive_goaway();
    REQUIRE(code);
    CHECK(*code != NGHTTP2_NO_ERROR);
    CHECK(client.at_end());
  }
  testing::RawClient wrong(port);
  CHECK(wrong.exchange("PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n").status == 505);
  CHECK(H2Client(port).get("/app/hello").status == 200);
}

}  // namespace
}  // namespace chancery::http
