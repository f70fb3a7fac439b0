#include "validation/network/http_reply.h"

#include <doctest/doctest.h>

namespace chancery::validation::network {
namespace {

std::string wrong(std::string_view head) {
  const auto parsed = parse_reply_head(head);
  return parsed ? "" : parsed.error().detail;
}

TEST_CASE("a reply's head") {
  const auto head = parse_reply_head("HTTP/1.1 200 OK\r\nA: b\r\nC:\td \r\n\r\n").value();
  CHECK(head.status == 200);
  CHECK(head.field("a").value() == "b");
  CHECK(head.field("c").value() == "d");
  CHECK_FALSE(head.field("x").value().has_value());
  CHECK(head_size("HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody") == 25);
  CHECK(head_size("HTTP/1.1 200 OK\n\nbody") == 17);
  CHECK_FALSE(head_size("HTTP/1.1 200 OK\r\nA: b\r\n"));
}

TEST_CASE("heads that are refused") {
  CHECK(wrong("HTTP/2 200 OK\r\n\r\n") == "the answer is not HTTP");
  CHECK(wrong("HTTP/1.1 20 OK\r\n\r\n") != "");
  CHECK(wrong("HTTP/1.1 2000\r\n\r\n") != "");
  CHECK(wrong("HTTP/1.1 099 X\r\n\r\n") != "");
  CHECK(wrong("HTTP/1.1 200 OK\r\n: b\r\n\r\n") != "");
  CHECK(wrong("HTTP/1.1 200 OK\r\nA : b\r\n\r\n") != "");
  CHECK(wrong("HTTP/1.1 200 OK\r\n folded: b\r\n\r\n") != "");
  CHECK(wrong("HTTP/1.1 200 OK\r\nA: b\r\n") == "the head does not end");
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  CHECK(wrong(many + "\r\n") == "over 100 header lines");
}

TEST_CASE("the first octets of what is not HTTP/1") {
  CHECK(misfit("").empty());
  CHECK(misfit("HT").empty());
  CHECK(misfit("HTTP/1.1").empty());
  CHECK(misfit(std::string_view("\0\0\6", 3)).empty());  // too few to tell
  CHECK_FALSE(misfit(std::string_view("\0\0\6\4\0\0\0\0\0", 9)).empty());
  CHECK_FALSE(misfit("HTTQ").empty());
}

Result<Body> body(std::string_view fields, std::string_view bytes, bool at_end = false) {
  const auto head = parse_reply_head("HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n").value();
  const Framing framing = TRY(framing_of(head));
  return read_body(framing, bytes, at_end);
}

TEST_CASE("where a body ends") {
  CHECK(body("Content-Length: 3\r\n", "abcd").value().content == "abc");
  CHECK(body("Content-Length: 3\r\n", "abcd").value().complete);
  CHECK_FALSE(body("Content-Length: 3\r\n", "ab").value().complete);
  CHECK_FALSE(body("", "ab").value().complete);
  CHECK(body("", "ab", true).value().complete);
  CHECK_FALSE(body("Content-Length: 3\r\n", "ab", true).has_value());
  CHECK_FALSE(body("Content-Length: -3\r\n", "ab").has_value());
  CHECK_FALSE(body("Content-Length: 3, 3\r\n", "abc").has_value());
  CHECK_FALSE(body("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "").has_value());
  CHECK_FALSE(body("Transfer-Encoding: gzip, chunked\r\n", "").has_value());
  CHECK_FALSE(body("Content-Encoding: br\r\n", "").has_value());
}

TEST_CASE("chunks, whole and in pieces") {
  constexpr std::string_view kChunked = "Transfer-Encoding: chunked\r\n";
  constexpr std::string_view kWhole = "2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n";
  for (std::size_t n = 0; n <= kWhole.size(); ++n) {
    CAPTURE(n);
    const auto part = body(kChunked, kWhole.substr(0, n)).value();
    CHECK(std::string_view("abc").starts_with(part.content));
    CHECK(part.complete == (n >= kWhole.size() - 2));
  }
  CHECK(body(kChunked, kWhole).value().content == "abc");
  CHECK_FALSE(body(kChunked, "2\r\nabc\r\n").has_value());
  CHECK_FALSE(body(kChunked, "x\r\n").has_value());
  CHECK_FALSE(body(kChunked, "-1\r\n").has_value());
  CHECK_FALSE(body(kChunked, "ffffffffffffffffff\r\n").has_value());
  CHECK_FALSE(body(kChunked, "2\r\na", true).has_value());
  CHECK_FALSE(body(kChunked, std::string(200, '0')).has_value());
}

}  // namespace
}  // namespace chancery::validation::network
