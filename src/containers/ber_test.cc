#include "containers/ber.h"

#include <doctest/doctest.h>

#include <string>

namespace chancery::containers {
namespace {

std::string der_of(std::string_view ber) {
  const auto der = ber_to_der(parse_hex(ber).value());
  return der ? hex(*der) : "refused";
}

TEST_CASE("indefinite lengths, long lengths and strings in pieces become DER") {
  CHECK(der_of("3080020103"
               "0000") == "3003020103");
  CHECK(der_of("308103020103") == "3003020103");
  CHECK(der_of("2480"
               "0402aabb"
               "2403"
               "0401cc"
               "0000") == "0403aabbcc");
  CHECK(der_of("3080"
               "a080"
               "2480"
               "040101"
               "0000"
               "0000"
               "0000") == "3005a003040101");
  CHECK(der_of("3003020103") == "3003020103");
}

TEST_CASE("broken BER is refused") {
  for (const char* bad : {"", "30", "3005020103", "0480", "3080020103", "30800201030000ff",
                          "1f0100", "2403020101", "30850000000001", "3080020103ff00"}) {
    CAPTURE(bad);
    CHECK(der_of(bad) == "refused");
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "3080";
  CHECK(ber_to_der(parse_hex(deep).value()).error().code == Code::kTooLarge);
  std::string pieces;
  for (int i = 0; i < 100; ++i) pieces += "2480";
  CHECK(ber_to_der(parse_hex(pieces).value()).error().code == Code::kTooLarge);
}

}  // namespace
}  // namespace chancery::containers
