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

TEST_CASE("an element that is not there, or is another, is an error with the offset of its place") {
  const Bytes der = from_hex("30030101ff");
  Reader document(der);
  CHECK(document.read(kSet).error().detail == "DER element has an unexpected type");
  CHECK(document.read_whole(kInteger).error().detail == "DER element has an unexpected type");
  CHECK_FALSE(document.read_optional(kSet).value().has_value());
  CHECK(equal(document.read_optional(kSequence).value().value(), from_hex("0101ff")));
  CHECK(document.finish().has_value());
  CHECK(document.read(kSequence).error().detail == "a required DER element is missing");
  CHECK_FALSE(document.read_optional(kSequence).value().has_value());
  Reader body(der);
  Reader inner = body.enter_sequence().value();
  CHECK(inner.finish().error().detail == "DER has an unexpected element");
  CHECK(inner.finish().error().where.at(0).value == "2");
  CHECK(inner.read_boolean().value());
}

TEST_CASE("what is cut off is refused by every way of reading") {
  const Bytes der = from_hex("3004010100");
  CHECK_FALSE(Reader(der).next().has_value());
  CHECK_FALSE(Reader(der).read(kSequence).has_value());
  CHECK_FALSE(Reader(der).read_whole(kSequence).has_value());
  CHECK_FALSE(Reader(der).read_optional(kSequence).has_value());
  CHECK_FALSE(Reader(der).enter_sequence().has_value());
  const Bytes large = from_hex("048410000001");
  CHECK(Reader(large).next().error().code == Code::kTooLarge);
  const Bytes longest = from_hex("048410000000");
  CHECK(Reader(longest).next().error().code == Code::kMalformed);
}

TEST_CASE("numbers that do not fit are refused") {
  const Bytes nine = from_hex("0209008000000000000000");
  CHECK(Reader(nine).read_int64().error().code == Code::kTooLarge);
  CHECK(hex(Reader(nine).read_unsigned().value()) == "8000000000000000");
  const Bytes negative = from_hex("0201ff");
  CHECK(Reader(negative).read_unsigned().error().detail == "INTEGER is negative");
  const Bytes zero = from_hex("020100");
  CHECK(hex(Reader(zero).read_unsigned().value()) == "00");
  const Bytes minus_one = from_hex("0a01ff");
  CHECK(Reader(minus_one).read_int64(kEnumerated).value() == -1);
  Writer w;
  w.unsigned_integer({});
  CHECK(hex(w.view()) == "020100");
}

TEST_CASE("BIT STRINGs and BOOLEANs have one encoding each") {
  for (const char* const der : {"0300", "030108", "030101", "030201ff", "030208ff"}) {
    CAPTURE(der);
    const Bytes bytes = from_hex(der);
    CHECK_FALSE(Reader(bytes).read_bit_string().has_value());
  }
  const Bytes bits = from_hex("03020780");
  const BitString read = Reader(bits).read_bit_string().value();
  CHECK(read.unused_bits == 7);
  CHECK(hex(read.bytes) == "80");
  Writer again;
  again.bit_string(read.bytes, read.unused_bits);
  CHECK(equal(again.view(), bits));
  const Element element = Reader(bits).next().value();
  CHECK(element.tag == kBitString);
  CHECK(hex(element.content) == "0780");
  CHECK(equal(element.whole, bits));
  for (const char* const der : {"0100", "01020000", "010101", "0101fe"}) {
    CAPTURE(der);
    const Bytes bytes = from_hex(der);
    CHECK_FALSE(Reader(bytes).read_boolean().has_value());
  }
  Writer w;
  w.boolean(false);
  w.boolean(true);
  w.null();
  CHECK(hex(w.view()) == "0101000101ff0500");
  Reader in(w.view());
  CHECK_FALSE(in.read_boolean().value());
  CHECK(in.read_boolean().value());
  CHECK(in.read_null().has_value());
}

TEST_CASE("times have one form each and name moments that exist") {
  const auto read = [](std::uint8_t tag, std::string_view text) {
    Writer w;
    w.element(tag, text);
    return Reader(w.view()).read_time().has_value();
  };
  CHECK(read(kUtcTime, "230228235959Z"));
  for (const char* const text :
       {"230229000000Z", "231301000000Z", "230100000000Z", "230101240000Z", "230101006000Z",
        "230101000060Z", "2301010000000", "23010100000+Z", "230101000000+0100", ""}) {
    CAPTURE(text);
    CHECK_FALSE(read(kUtcTime, text));
  }
  CHECK(read(kGeneralizedTime, "20240229000000Z"));
  for (const char* const text : {"20230229000000Z", "20230101000000.5Z", "202301010000Z",
                                 "20230101000000", "2023010100000xZ", "20231301000000Z"}) {
    CAPTURE(text);
    CHECK_FALSE(read(kGeneralizedTime, text));
  }
  CHECK_FALSE(read(kOctetString, "230228235959Z"));
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
  for (const char* const text :
       {"0.0", "0.39", "1.0", "1.39", "2.0", "2.5", "2.19", "2.20", "2.39", "2.47", "2.48", "2.999",
        "2.920", "2.919", "1.2.0.1", "2.100000000000000000.72057594037927935"}) {
    CAPTURE(text);
    const auto oid = Oid::parse(text);
    if (oid) CHECK(oid->to_string() == text);
    CHECK(oid.has_value());
  }
  CHECK_FALSE(Oid::parse("2.5.99999999999999999999").has_value());
}

TEST_CASE("an arc of more than 64 bits is shown in full") {
  const std::string ones(34, 'f');
  const Bytes uuid = from_hex("6983" + ones + "7f");
  CHECK(Oid::from_der(uuid).value().to_string() == "2.25.340282366920938463463374607431768211455");
  const Bytes first = from_hex("83" + ones + "7f01");
  CHECK(Oid::from_der(first).value().to_string() == "2.340282366920938463463374607431768211375.1");
  CHECK(Oid::from_der(Bytes(40, 1)).error().code == Code::kTooLarge);
  CHECK(Oid::from_der(Bytes(39, 1)).has_value());
}

TEST_CASE("object identifiers that are not DER are refused") {
  for (const char* const der : {"0600", "060180", "06020180", "06038001", "0603558011"}) {
    CAPTURE(der);
    const Bytes bytes = from_hex(der);
    CHECK_FALSE(Reader(bytes).read_oid().has_value());
  }
  Writer w;
  w.oid(Bytes(65, 1));
  CHECK(Reader(w.view()).read_oid().error().detail == "OBJECT IDENTIFIER is malformed");
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
  CHECK_FALSE(parse_pem("-----BEGIN A-----\nAAAA\n-----END A----\n").has_value());
  CHECK(parse_pem(pem("A", der) + pem("A", der), 1).error().code == Code::kTooLarge);
  CHECK(parse_one_pem(pem("A", der) + pem("A", der), "A").error().detail ==
        "expected exactly one PEM block");
  CHECK(parse_one_pem("", "A").error().code == Code::kNotFound);
  CHECK(parse_one_pem(pem("A", der), "A").value() == der);
  CHECK(parse_one_pem(pem("A", der), "B").error().detail ==
        "expected a PEM block \"B\", found \"A\"");
}

}  // namespace
}  // namespace chancery::asn1
