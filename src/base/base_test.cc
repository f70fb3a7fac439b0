#include <doctest/doctest.h>

#include "base/bytes.h"
#include "base/fakes.h"
#include "base/secret_bytes.h"
#include "base/text.h"
#include "base/time.h"

namespace chancery {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0)
    return std::unexpected(
        Error{Code::kInvalidArgument, "odd", {}, {}}.with("n", std::to_string(n)));
  return n / 2;
}
Result<int> quarter(int n) {
  const int h = TRY(half(n));
  return TRY(half(h));
}

TEST_CASE("TRY yields the value or returns the error with its context") {
  CHECK(quarter(8).value() == 2);
  CHECK(quarter(6).error().to_string() == "odd (n=3)");
}

TEST_CASE("hex and base64 round-trip and refuse what they would not write") {
  const Bytes bytes{0x00, 0xab, 0xff};
  CHECK(hex(bytes, ':') == "00:ab:ff");
  CHECK(parse_hex("00:AB-ff", true).value() == bytes);
  CHECK_FALSE(parse_hex("0").has_value());
  CHECK_FALSE(parse_hex("00:ab").has_value());
  for (std::size_t n = 0; n < 8; ++n) {
    const Bytes some(n, 0xfb);
    CHECK(parse_base64(base64(some)).value() == some);
    CHECK(parse_base64(base64(some, Base64::kUrl), Base64::kUrl).value() == some);
  }
  // RFC 4648 section 10, and both alphabets' own characters.
  CHECK(base64(as_bytes("foobar")) == "Zm9vYmFy");
  CHECK(base64(as_bytes("fooba")) == "Zm9vYmE=");
  CHECK(base64(as_bytes("foob")) == "Zm9vYg==");
  CHECK(base64(as_bytes("foob"), Base64::kUrl) == "Zm9vYg");
  CHECK(base64(as_bytes("")).empty());
  const Bytes high{0xfb, 0xff, 0xbf};
  CHECK(base64(high) == "+/+/");
  CHECK(base64(high, Base64::kUrl) == "-_-_");
  CHECK_FALSE(parse_base64("AB==").has_value());  // non-zero trailing bits
  CHECK_FALSE(parse_base64("AAA").has_value());
  CHECK_FALSE(parse_base64("AA=A").has_value());
  CHECK_FALSE(parse_base64("AA A").has_value());
  CHECK(hex(bytes) == "00abff");
  CHECK(hex({}, ':').empty());
}

TEST_CASE("base64 refuses a foreign character wherever it stands") {
  for (const std::string_view good : {"Zm9vYmFy", "Zm9vYmE", "Zm9vYg"}) {
    CHECK(parse_base64(good, Base64::kUrl).has_value());
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char foreign : {'+', '=', '\0', '\n', '\x80', '\xff'}) {
        std::string bad(good);
        bad[at] = foreign;
        CHECK_FALSE(parse_base64(bad, Base64::kUrl).has_value());
      }
    }
  }
  CHECK_FALSE(parse_base64("Zm9vYh", Base64::kUrl).has_value());  // bits left over
  CHECK_FALSE(parse_base64("Zm9vYmF", Base64::kUrl).has_value());
  CHECK_FALSE(parse_base64("Zm9vY", Base64::kUrl).has_value());
}

TEST_CASE("times parse strictly and print canonically") {
  CHECK(rfc3339(from_unix(0)) == "1970-01-01T00:00:00Z");
  CHECK(parse_rfc3339("2024-02-29T23:59:59Z").value() == from_unix(1709251199));
  CHECK(parse_rfc3339("2024-02-29T23:59:59.999+01:00").value() == from_unix(1709247599));
  CHECK_FALSE(parse_rfc3339("2023-02-29T00:00:00Z").has_value());
  CHECK_FALSE(parse_rfc3339("2023-02-28T00:00:00").has_value());
  CHECK(parse_rfc3339("9999-12-31T23:59:59+00:01").has_value());
  CHECK_FALSE(parse_rfc3339("9999-12-31T23:59:59-00:01").has_value());
  CHECK_FALSE(parse_rfc3339("0000-01-01T00:00:00+00:01").has_value());
}

TEST_CASE("durations read Go's and plain forms") {
  CHECK(parse_duration("3600").value() == seconds{3600});
  CHECK(parse_duration("1h30m").value() == seconds{5400});
  CHECK(parse_duration("1.5h").value() == seconds{5400});
  CHECK(parse_duration("2160h0m0s").value() == seconds{7776000});
  CHECK(parse_duration("7d").value() == seconds{604800});
  CHECK(parse_duration("-5s").value() == seconds{-5});
  CHECK_FALSE(parse_duration("1h30").has_value());
  CHECK_FALSE(parse_duration("h").has_value());
  CHECK_FALSE(parse_duration("5 s").has_value());
  CHECK_FALSE(parse_duration("99999999999999999999h").has_value());
  CHECK(format_duration(seconds{2764800}) == "768h0m0s");
  CHECK(format_duration(seconds{61}) == "1m1s");
}

TEST_CASE("globs match without recursion") {
  CHECK(glob_match("*.example.com", "a.b.example.com"));
  CHECK(glob_match("foo*bar*baz", "foo--bar--baz"));
  CHECK_FALSE(glob_match("foo*bar", "foobarx"));
  CHECK(glob_match("***", ""));
}

TEST_CASE("nearest suggests only what could have been meant") {
  CHECK(nearest("listners", {"listeners", "store", "log"}) == "listeners");
  CHECK(nearest("zzz", {"listeners", "store", "log"}).empty());
}

TEST_CASE("UTF-8 validation refuses overlong forms and surrogates") {
  CHECK(is_valid_utf8("caf\xc3\xa9"));
  CHECK_FALSE(is_valid_utf8("\xc0\xaf"));
  CHECK_FALSE(is_valid_utf8("\xed\xa0\x80"));
  CHECK_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));
  CHECK_FALSE(is_valid_utf8("\xc3"));
}

TEST_CASE("SecretBytes moves and leaves nothing behind") {
  SecretBytes secret(as_bytes("hunter2"));
  SecretBytes moved(std::move(secret));
  CHECK(as_text(moved.view()) == "hunter2");
  moved.shrink(6);
  CHECK(as_text(moved.view()) == "hunter");
}

}  // namespace
}  // namespace chancery
