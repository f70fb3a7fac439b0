#include "http/h1_parser.h"

#include <doctest/doctest.h>

namespace chancery::http {
namespace {

using Step = H1Parser::Step;
using namespace std::string_literals;

struct Parsed {
  Request request;
  Step last = Step::kMore;
  unsigned status = 0;
  std::size_t left = 0;
  bool keep_alive = false;
};

// Gives the parser `piece` more bytes at a time, as a socket might.
Parsed parse(std::string_view bytes, std::size_t piece = SIZE_MAX,
             const ParserLimits& limits = {}) {
  Parsed out;
  H1Parser parser(limits);
  parser.start(out.request);
  std::size_t begin = 0;
  std::size_t end = 0;
  while (out.last != Step::kDone && out.last != Step::kFailed) {
    std::size_t consumed = 0;
    out.last = parser.feed(bytes.substr(begin, end - begin), consumed);
    begin += consumed;
    if (out.last != Step::kMore) continue;
    if (end == bytes.size()) break;
    end = piece < bytes.size() - end ? end + piece : bytes.size();
  }
  out.left = bytes.size() - begin;
  if (out.last == Step::kFailed) out.status = parser.failure().status;
  if (out.last == Step::kDone) out.keep_alive = parser.keep_alive();
  return out;
}

// Beast looked for the end of the quote behind the line, and took the size of the chunk off the
// limit of the body at each new piece: the answer was none, or 413, as the bytes arrived.
TEST_CASE("a quote that the line of a chunk does not close is refused however it arrives") {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* const chunks : {"d0;x=\"\r\n", "3\r\nabc\r\n0d0;x=\"a\\\"\r\n"}) {
    const std::string bytes = head + chunks + std::string(4000, 'a');
    CHECK(parse(bytes, 1, {2048, 16, 4096}).status == 400);
    CHECK(parse(bytes, SIZE_MAX, {2048, 16, 8192}).status == 400);
    CHECK(parse(head + chunks).status == 400);
  }
}

TEST_CASE("requests come out the same however they arrive") {
  const std::string bytes =
      "LIST /v1/pki/roles?x=1 HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Pad:  v w "
      "\t\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3\r\nabc\r\n0A;ext=\"1\"\r\n0123456789\r\n0\r\nTrailer: dropped\r\nContent-Length: "
      "7\r\n\r\n";
  // The trailer repeats a framing header, which is refused; without it all is well.
  CHECK(parse(bytes).status == 400);
  const std::string good = bytes.substr(0, bytes.find("Content-Length")) + "\r\nGET";
  for (const std::size_t piece : {SIZE_MAX, std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    CAPTURE(piece);
    const Parsed parsed = parse(good, piece);
    REQUIRE(parsed.last == Step::kDone);
    CHECK(parsed.request.method == "LIST");
    CHECK(parsed.request.target == "/v1/pki/roles?x=1");
    CHECK(parsed.request.body == "abc0123456789");
    CHECK(parsed.request.header("x-pad") == "v w");
    CHECK(parsed.request.header("x-empty") == "");
    CHECK(parsed.request.headers.size() == 4);
    CHECK(parsed.keep_alive);
    CHECK(parsed.left <= 3);
  }
}

TEST_CASE("a body of known length ends where it says") {
  const Parsed parsed =
      parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n", 4);
  CHECK(parsed.last == Step::kDone);
  CHECK(parsed.request.body == "hello");
  const Parsed none = parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nGET");
  CHECK(none.last == Step::kDone);
  CHECK(none.left == 3);
}

TEST_CASE("connections persist as their version and headers say") {
  CHECK(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keep_alive);
  CHECK_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keep_alive);
  CHECK_FALSE(parse("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK_FALSE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST_CASE("what two readers could understand differently is refused") {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::pair<std::string, unsigned>> table{
      // Framing.
      {head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {head + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
      {head + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
      {head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400},
      {head + "Content-Length: 1, 1\r\n\r\nx", 400},
      {head + "Content-Length: +1\r\n\r\nx", 400},
      {head + "Content-Length: -1\r\n\r\nx", 400},
      {head + "Content-Length: 0x1\r\n\r\nx", 400},
      {head + "Content-Length: 1 1\r\n\r\nx", 400},
      {head + "Content-Length: \r\n\r\nx", 400},
      {head + "Content-Length: 99999999999999999999\r\n\r\nx", 400},
      {head + "Transfer-Encoding: gzip\r\n\r\n", 400},
      {head + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
      {head + "Transfer-Encoding: chunked, identity\r\n\r\n", 400},
      {head + "Transfer-Encoding: chunked, chunked\r\n\r\n", 400},
      {head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {head + "Transfer-Encoding: \"chunked\"\r\n\r\n", 400},
      {head + "Transfer-Encoding: x-chunked\r\n\r\n", 400},
      {head + "Transfer-Encoding:\x0b"
              "chunked\r\n\r\n",
       400},
      {head + "Transfer-Encoding: identity\r\n\r\n", 400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {head + "Transfer-Encoding : chunked\r\n\r\n", 400},
      {head + "Content-Length : 1\r\n\r\nx", 400},
      {head + "Transfer-Encoding\r\n : chunked\r\n\r\n", 400},
      {head + "Transfer-Encoding:\r\n chunked\r\n\r\n", 400},
      // Lines.
      {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 505},
      {"GET /\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 505},
      {"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      // Headers.
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n"s, 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX Y: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX\t: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX\xe9: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: \x1b[0m\r\n\r\n", 400},
      // Host.
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", 400},
      // Expect.
      {head + "Expect: something\r\n\r\n", 417},
      // Chunks.
      {chunked + "x\r\n\r\n0\r\n\r\n", 400},
      {chunked + "0x1\r\na\r\n0\r\n\r\n", 400},
      {chunked + "1 \r\na\r\n0\r\n\r\n", 400},
      {chunked + " 1\r\na\r\n0\r\n\r\n", 400},
      {chunked + "-1\r\na\r\n0\r\n\r\n", 400},
      {chunked + "1\r\nab\r\n0\r\n\r\n", 400},
      {chunked + "1\r\na\n0\r\n\r\n", 400},
      {chunked + "1\ra\r\n0\r\n\r\n", 400},
      {chunked + "1;a=\"\nb\"\r\na\r\n0\r\n\r\n", 400},
      {chunked + "fffffffffffffffff\r\na\r\n0\r\n\r\n", 400},
      {chunked + "ffffffffffffffff\r\na\r\n0\r\n\r\n", 413},
      {chunked + "0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {chunked + "0\r\nbad header\r\n\r\n", 400},
  };
  for (const auto& [bytes, status] : table) {
    CAPTURE(bytes);
    CHECK(parse(bytes).status == status);
    CHECK(parse(bytes, 1).status == status);
  }
}

TEST_CASE("sizes are bounded exactly") {
  ParserLimits limits;
  limits.max_body_bytes = 10;
  limits.max_header_bytes = 64;
  limits.max_headers = 2;
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";
  CHECK(parse(head + "Content-Length: 10\r\n\r\n0123456789", 1, limits).last == Step::kDone);
  CHECK(parse(head + "Content-Length: 11\r\n\r\n", 1, limits).status == 413);
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  CHECK(parse(chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", 3, limits).last == Step::kDone);
  CHECK(parse(chunked + "5\r\n01234\r\n6\r\n567890\r\n0\r\n\r\n", 3, limits).status == 413);
  CHECK(parse("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n", 1, limits).last == Step::kDone);
  CHECK(parse("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n", 1, limits).status == 431);
  const std::string exact = "GET / HTTP/1.1\r\nHost: a\r\nA: ";  // and what fills 64 bytes
  const std::string fill(64 - exact.size() - 4, 'x');
  CHECK(parse(exact + fill + "\r\n\r\n", 1, limits).last == Step::kDone);
  CHECK(parse(exact + fill + "x\r\n\r\n", 1, limits).status == 431);
  CHECK(parse(exact + fill + "x\r\n\r\n", SIZE_MAX, limits).status == 431);
  CHECK(parse(std::string(65, 'G'), SIZE_MAX, limits).status == 431);
  CHECK(parse(chunked + "1;" + std::string(100, 'a'), 1, limits).status == 400);
}

TEST_CASE("a parser reads one request after the other") {
  const std::string_view bytes =
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: b\r\nContent-Length: 1\r\n\r\nx";
  H1Parser parser({});
  Request request;
  std::string_view left = bytes;
  for (const std::string target : {"/1", "/2"}) {
    parser.start(request);
    CHECK_FALSE(parser.started());
    std::size_t consumed = 0;
    REQUIRE(parser.feed(left, consumed) == Step::kHead);
    CHECK(parser.has_body() == (target == "/2"));
    left.remove_prefix(consumed);
    REQUIRE(parser.feed(left, consumed) == Step::kDone);
    left.remove_prefix(consumed);
    CHECK(request.target == target);
    CHECK(request.headers.size() == (target == "/2" ? 2 : 1));
  }
  CHECK(left.empty());
  CHECK(request.body == "x");
}

}  // namespace
}  // namespace chancery::http
