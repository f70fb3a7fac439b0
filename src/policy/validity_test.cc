#include "policy/validity.h"

#include "policy/test_request.h"

namespace chancery::policy {
namespace {

using namespace test;

struct Row {
  const char* role;
  const char* ttl;  // of the request; "": none
  const char* not_before;
  const char* not_after;
  std::string outcome;  // "notBefore notAfter", or the error
  const char* rule = "";
};

const std::string kBoth =
    "Either ttl or not_after should be provided. Both should not be provided in the same request.";

// Now is 2026-11-21T10:00:00Z, the issuer ends a year later.
const Row kRows[] = {
    {"", "", "", "", "2026-11-21T09:59:30Z 2026-12-23T10:00:00Z"},
    {"ttl=1h", "", "", "", "2026-11-21T09:59:30Z 2026-11-21T11:00:00Z"},
    {"ttl=1h", "2h", "", "", "2026-11-21T09:59:30Z 2026-11-21T12:00:00Z"},
    {"", "0s", "", "", "2026-11-21T09:59:30Z 2026-12-23T10:00:00Z"},
    {"max_ttl=90m", "90m", "", "", "2026-11-21T09:59:30Z 2026-11-21T11:30:00Z"},
    {"ttl=1h max_ttl=90m", "2h", "", "", "2026-11-21T09:59:30Z 2026-11-21T11:30:00Z"},
    {"max_ttl=87600h", "9000h", "", "",
     "cannot satisfy request, as TTL would result in notAfter of 2027-12-01T10:00:00Z that is "
     "beyond the "
     "expiration of the CA certificate at 2027-11-21T10:00:00Z",
     "issuer"},
    {"max_ttl=87600h", "8760h", "", "", "2026-11-21T09:59:30Z 2027-11-21T10:00:00Z"},

    // not_after
    {"", "", "", "2026-12-01T00:00:00Z", "2026-11-21T09:59:30Z 2026-12-01T00:00:00Z"},
    {"", "1h", "", "2026-12-01T00:00:00Z", kBoth, "not_after"},
    {"ttl=1h", "", "", "2026-12-01T00:00:00Z", "2026-11-21T09:59:30Z 2026-12-01T00:00:00Z"},
    {"max_ttl=1h", "", "", "2026-12-01T00:00:00Z", "2026-11-21T09:59:30Z 2026-12-01T00:00:00Z"},
    {"", "", "", "2046-12-01T00:00:00Z",
     "cannot satisfy request, as TTL would result in notAfter of 2046-12-01T00:00:00Z that is "
     "beyond the "
     "expiration of the CA certificate at 2027-11-21T10:00:00Z",
     "issuer"},
    {"", "", "", "2020-12-01T00:00:00Z",
     "The certificate's Not Before (2026-11-21T09:59:30Z) is later than the certificate's Not "
     "After "
     "(2020-12-01T00:00:00Z)",
     "not_after"},
    {"not_after=2026-12-01T00:00:00Z", "", "", "2026-12-02T00:00:00Z",
     "2026-11-21T09:59:30Z 2026-12-01T00:00:00Z"},
    {"not_after=2026-12-01T00:00:00Z", "1h", "", "", kBoth, "not_after"},
    {"not_after=2026-12-01T00:00:00Z ttl=1h", "", "", "",
     "2026-11-21T09:59:30Z 2026-12-01T00:00:00Z"},
    {"not_after=x", "", "", "",
     "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\"",
     "not_after"},

    // not_after_bound
    {"not_after_bound=forbid", "", "", "2026-12-01T00:00:00Z",
     "not_after_bound is set to forbid. not_after cannot be provided.", "not_after_bound"},
    {"not_after_bound=forbid", "1h", "", "", "2026-11-21T09:59:30Z 2026-11-21T11:00:00Z"},
    {"not_after_bound=ttl-limited ttl=1h", "", "", "2026-12-01T00:00:00Z",
     "not_after_bound is set to ttl-limited. Cannot satisfy request as that would result in "
     "notAfter of "
     "2026-12-01T00:00:00Z that is beyond the TTL of 1h0m0s",
     "not_after_bound"},
    {"not_after_bound=ttl-limited ttl=2h", "", "", "2026-11-21T11:00:00Z",
     "2026-11-21T09:59:30Z 2026-11-21T11:00:00Z"},
    {"not_after_bound=2026-12-01T00:00:00Z", "1h", "", "",
     "2026-11-21T09:59:30Z 2026-11-21T11:00:00Z"},
    {"not_after_bound=2026-12-01T00:00:00Z", "720h", "", "",
     "not_after_bound is set to 2026-12-01T00:00:00Z. Cannot statisfy request as that would result "
     "in notAfter of "
     "2026-12-21T10:00:00Z that is beyond the maximum timestamp of 2026-12-01T00:00:00Z",
     "not_after_bound"},

    // not_before
    {"not_before_duration=1h", "1h", "", "", "2026-11-21T09:00:00Z 2026-11-21T11:00:00Z"},
    {"not_before_duration=1000000h", "1h", "", "", "1950-01-01T00:00:00Z 2026-11-21T11:00:00Z"},
    {"", "1h", "2026-01-01T00:00:00Z", "", "2026-01-01T00:00:00Z 2026-11-21T11:00:00Z"},
    {"", "1h", "2036-01-01T00:00:00Z", "",
     "The certificate's Not Before (2036-01-01T00:00:00Z) is later than the certificate's Not "
     "After "
     "(2026-11-21T11:00:00Z)",
     "not_after"},
    {"", "1h", "2026-11-21T11:00:00Z", "",
     "The certificate's Not Before (2026-11-21T11:00:00Z) is equal to the certificate's Not After "
     "(2026-11-21T11:00:00Z)",
     "not_after"},
    {"", "1h", "1940-01-01T00:00:00Z", "",
     "not_before 1940-01-01T00:00:00Z is before 1950, which certificates cannot say", "not_before"},
    {"not_before=2026-02-01T00:00:00Z", "1h", "2026-01-01T00:00:00Z", "",
     "2026-02-01T00:00:00Z 2026-11-21T11:00:00Z"},
    {"not_before_bound=forbid", "1h", "2026-01-01T00:00:00Z", "",
     "not_before_bound is set to forbid. not_before cannot be provided.", "not_before_bound"},
    {"not_before_bound=forbid", "1h", "", "", "2026-11-21T09:59:30Z 2026-11-21T11:00:00Z"},
    {"not_before_bound=duration", "1h", "2026-01-01T00:00:00Z", "",
     "not_before_bound is set to duration. Cannot satisfy request as it would result in notBefore "
     "of "
     "2026-01-01T00:00:00Z that is older than the allowed not_before_duration of 30s",
     "not_before_bound"},
    {"not_before_bound=duration", "1h", "2026-11-21T09:59:30Z", "",
     "2026-11-21T09:59:30Z 2026-11-21T11:00:00Z"},
};

IssueRequest make_request(const Row& row) {
  IssueRequest request = request_for("a.com");
  const std::string_view ttl = row.ttl;
  if (!ttl.empty()) request.ttl = parse_duration(ttl).value();
  const std::string_view not_before = row.not_before;
  if (!not_before.empty()) request.not_before = parse_rfc3339(not_before).value();
  const std::string_view not_after = row.not_after;
  if (!not_after.empty()) request.not_after = parse_rfc3339(not_after).value();
  return request;
}

TEST_CASE("validity") {
  for (const Row& row : kRows) {
    CAPTURE(row.role);
    CAPTURE(row.ttl);
    CAPTURE(row.not_before);
    CAPTURE(row.not_after);
    const auto decision =
        decide(role_of(std::string("allow_any_name ") + row.role), make_request(row));
    if (decision) {
      const CertificateContent& content = decision->authorization.content();
      CHECK(rfc3339(content.not_before) + " " + rfc3339(content.not_after) == row.outcome);
      CHECK(content.not_after <= issuer().not_after);
    } else {
      CHECK(decision.error().detail == row.outcome);
      CHECK(where(decision.error(), "rule") == row.rule);
    }
  }
}

TEST_CASE("a cut ttl is said") {
  IssueRequest request = request_for("a.com");
  request.ttl = seconds{7200};
  const auto warnings = [&](const char* role) { return decide(role_of(role), request)->warnings; };
  CHECK(warnings("allow_any_name max_ttl=2h").empty());
  CHECK(warnings("allow_any_name max_ttl=90m") ==
        std::vector<std::string>{
            "TTL \"2h0m0s\" is longer than permitted maxTTL \"1h30m0s\", so maxTTL is being used"});
  request.ttl = seconds{10'000 * 3600};
  CHECK(warnings("allow_any_name") ==
        std::vector<std::string>{"TTL \"10000h0m0s\" is longer than permitted maxTTL \"768h0m0s\", "
                                 "so maxTTL is being used"});
}

TEST_CASE("an issuer that was made a moment ago, and one that truncates") {
  IssueRequest request = request_for("a.com");
  IssuerFacts young = issuer();
  young.not_before = kNow - seconds{10};
  const auto content = [&](const IssuerFacts& facts) {
    auto decision = evaluate(grant(), role_of("allow_any_name"), request, facts, kNow);
    REQUIRE(decision.has_value());
    return decision->authorization.content();
  };
  CHECK(content(young).not_before == kNow - seconds{10});
  CHECK(content(issuer()).not_before == kNow - seconds{30});

  IssuerFacts ending = issuer();
  ending.not_after = kNow + seconds{60};
  request.ttl = seconds{3600};
  CHECK(evaluate(grant(), role_of("allow_any_name"), request, ending, kNow).error().code ==
        Code::kRefused);
  ending.truncates = true;
  CHECK(content(ending).not_after == ending.not_after);
  request.ttl = seconds{30};
  CHECK(content(ending).not_after == kNow + seconds{30});
}

TEST_CASE("a negative ttl is no ttl") {
  IssueRequest request = request_for("a.com");
  request.ttl = seconds{-3600};
  CHECK(outcome(role_of("allow_any_name"), request) == "cannot provide negative value '-3600'");
}

}  // namespace
}  // namespace chancery::policy
