#include <doctest/doctest.h>

#include "asn1/oid.h"
#include "asn1/pem.h"
#include "asn1/reader.h"
#include "asn1/writer.h"

namespace chancery::asn1 {
namespace {

Bytes from_hex(std::string_view text) { return parse_hex(text).value(); }

TEST_CASE("Reader refuses what DER forbids, naming the offset") {
  struct Case {
    const char* der;
    const char* detail;
  };
  for (const Case& c : {Case{"", "DER ends where an element is expected"},
                        {"30", "DER is truncated"},
                        {"3080", "DER uses an indefinite length"},
                        {"1f8101", "DER uses a high tag number"},
                        {"048101aa", "DER length is not minimal"},
                        {"04820001aa", "DER length is not minimal"},
                        {"0482", "DER is truncated in a length"},
                        {"0485010203040506", "DER length is over the limit"},
                        {"0402aa", "DER element is longer than its container"}}) {
    const Bytes der = from_hex(c.der);
    const auto result = Reader(der).next();
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().detail == c.detail);
    CHECK(result.error().where.at(0).key == "offset");
  }
}

TEST_CASE("Reader bounds nesting") {
  Bytes der;
  for (int i = 0; i < 100; ++i) {
    Writer w;
    w.element(kSequence, der);
    der = std::move(w).take();
  }
  Reader reader(der);
  Result<Reader> inner = reader;
  unsigned depth = 0;
  while (inner) {
    inner = inner->enter_sequence();
    ++depth;
  }
  CHECK(inner.error().code == Code::kTooLarge);
  CHECK(depth == kMaxDepth);
}

TEST_CASE("primitive types are checked") {
  const auto integer_fails = [](std::string_view text) {
    const Bytes der = from_hex(text);
    return !Reader(der).read_integer().has_value();
  };
  CHECK(integer_fails("0200"));
  CHECK(integer_fails("02020001"));
  CHECK(integer_fails("0202ff80"));
  CHECK_FALSE(integer_fails("02020080"));
  const Bytes boolean = from_hex("010101");
  CHECK_FALSE(Reader(boolean).read_boolean().has_value());
  const Bytes bits = from_hex("030201ff");
  CHECK_FALSE(Reader(bits).read_bit_string().has_value());
  const Bytes oid = from_hex("06028001");
  CHECK_FALSE(Reader(oid).read_oid().has_value());
  const Bytes null = from_hex("050100");
  CHECK_FALSE(Reader(null).read_null().has_value());
}

TEST_CASE("integers round-trip") {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{127}, std::int64_t{128},
                                   std::int64_t{-1}, std::int64_t{-129}, INT64_MAX, INT64_MIN}) {
    Writer w;
    w.integer(value);
    CHECK(Reader(w.view()).read_int64().value() == value);
  }
  Writer w;
  const Bytes magnitude{0x00, 0x00, 0xff};
  w.unsigned_integer(magnitude);
  CHECK(hex(w.view()) == "020200ff");
}

TEST_CASE("lengths are patched at every size") {
  for (const std::size_t size : {0UZ, 1UZ, 127UZ, 128UZ, 255UZ, 256UZ, 65535UZ, 65536UZ}) {
    Writer w;
    const Bytes content(size, 0x5a);
    w.sequence([&] { w.octet_string(content); });
    Reader outer(w.view());
    Reader inner = outer.enter_sequence().value();
    CHECK(outer.finish().has_value());
    CHECK(equal(inner.read_octet_string().value(), content));
    CHECK(inner.finish().has_value());
  }
}

TEST_CASE("times use UTCTime through 2049 and GeneralizedTime after") {
  for (const char* text : {"1950-01-01T00:00:00Z", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z",
                           "9999-12-31T23:59:59Z"}) {
    const TimePoint time = parse_rfc3339(text).value();
    Writer w;
    w.time(time);
    CHECK(w.view()[0] ==
          (time < parse_rfc3339("2050-01-01T00:00:00Z").value() ? kUtcTime : kGeneralizedTime));
    CHECK(Reader(w.view()).read_time().value() == time);
  }
  Writer bad;
  bad.element(kUtcTime, "2301010000Z");  // no seconds
  CHECK_FALSE(Reader(bad.view()).read_time().has_value());
}

TEST_CASE("object identifiers convert both ways") {
  constexpr Oid kSan("2.5.29.17");
  CHECK(kSan.to_string() == "2.5.29.17");
  CHECK(hex(kSan.der()) == "551d11");
  CHECK(Oid::parse("1.3.6.1.4.1.311.20.2.3").value().to_string() == "1.3.6.1.4.1.311.20.2.3");
  CHECK(Oid::parse("2.999.1").value().to_string() == "2.999.1");
  for (const char* bad : {"", "1", "3.1", "1.40", "1..2", "1.2.", "1.02", "a.b"})
    CHECK_FALSE(Oid::parse(bad).has_value());
}

TEST_CASE("PEM is strict inside blocks and lenient around them") {
  const Bytes der(100, 0x42);
  const std::string text =
      "some text\r\n" + pem("CERTIFICATE", der) + "\nmore\n" + pem("X", Bytes{});
  const auto blocks = parse_pem(text).value();
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].label == "CERTIFICATE");
  CHECK(blocks[0].der == der);
  CHECK(parse_pem("nothing").error().code == Code::kNotFound);
  CHECK_FALSE(parse_pem("-----BEGIN A-----\nAAAA\n-----END B-----\n").has_value());
  CHECK_FALSE(parse_pem("-----BEGIN A-----\nA!AA\n-----END A-----\n").has_value());
  CHECK_FALSE(parse_pem("-----BEGIN A-----\nAAAA\n").has_value());
  CHECK_FALSE(parse_pem("-----BEGIN A-----\n-----BEGIN A-----\n").has_value());
  CHECK(parse_one_pem(pem("A", der), "B").error().detail ==
        "expected a PEM block \"B\", found \"A\"");
}

}  // namespace
}  // namespace chancery::asn1
