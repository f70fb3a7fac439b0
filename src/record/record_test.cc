#include <doctest/doctest.h>

#include "record/event.h"
#include "record/write_set.h"

namespace chancery::record {
namespace {

Event sample() {
  Event event;
  event.kind = EventKind::kCertificateIssued;
  event.time = parse_rfc3339("2026-01-02T03:04:05Z").value();
  event.scope = {"root", "pki/"};
  event.actor = "token:root";
  event.request_id = "r-1";
  event.subject = "01:02";
  event.details = {{"role", "web"}, {"issuer", "i-1"}};
  event.certificate = crypto::Sha256{};
  return event;
}

TEST_CASE("events round-trip through their one encoding") {
  const Bytes der = encode(sample());
  const Event event = decode(der).value();
  CHECK(encode(event) == der);
  CHECK(detail(event, "issuer") == "i-1");
  CHECK(detail(event, "absent").empty());
  CHECK(event.details.front().name == "issuer");  // sorted
}

TEST_CASE("the encoding of an event never changes") {
  // A Merkle leaf is a promise about bytes: this digest may only change with the version number.
  CHECK(hex(leaf_hash(encode(sample()))) ==
        "5da170f795c501009cebe964b79ee14affea9d50498d20e97495370eb7132cb6");
}

TEST_CASE("decode refuses what encode would not write") {
  Bytes der = encode(sample());
  der.push_back(0);
  CHECK_FALSE(decode(der).has_value());
  for (std::size_t n = 0; n < der.size() - 1; ++n)
    CHECK_FALSE(decode(BytesView(der).first(n)).has_value());
}

}  // namespace
}  // namespace chancery::record
