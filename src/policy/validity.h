#pragma once

#include "policy/evaluate.h"

// From when to when a certificate is valid. Internal to this folder.
namespace chancery::policy {

struct Validity {
  TimePoint not_before;
  TimePoint not_after;
};

// decide_validity bounds what was asked for by role, mount and issuer; a ttl over the maximum is
// cut with a warning. Errors: kRefused, kInvalidArgument.
[[nodiscard]] Result<Validity> decide_validity(const Role& role, const IssueRequest& request,
                                               const IssuerFacts& issuer, TimePoint now,
                                               std::vector<std::string>& warnings);
// check_validity refuses an interval that is empty or turned around. Errors: kInvalidArgument.
[[nodiscard]] Result<void> check_validity(const Validity& validity);

// parse_bound reads an RFC 3339 time of a role. Errors: kInvalidArgument in the words of Go's
// time.Parse.
[[nodiscard]] Result<TimePoint> parse_bound(std::string_view field, std::string_view text);

// default_not_before is now less `backdating`, but not before 1950 (RFC 5280 section 4.1.2.5).
[[nodiscard]] TimePoint default_not_before(TimePoint now, seconds backdating);

}  // namespace chancery::policy
