#include "policy/validity.h"

#include <algorithm>

#include "policy/refusal.h"

namespace chancery::policy {
namespace {

constexpr TimePoint kFirstMoment = from_unix(-631'152'000);  // 1950-01-01, where UTCTime begins

Result<void> check_requested_not_before(const Role& role, TimePoint requested, TimePoint now) {
  switch (role.not_before_bound) {
    case NotBeforeBound::kPermit:
      return {};
    case NotBeforeBound::kForbid:
      return refused("not_before", "not_before_bound",
                     {"not_before_bound is set to forbid. not_before cannot be provided."});
    case NotBeforeBound::kDuration:
      break;
  }
  if (requested >= now - role.not_before_duration) return {};
  return refused(
      "not_before", "not_before_bound",
      {"not_before_bound is set to duration. Cannot satisfy request as it would result in "
       "notBefore of ",
       rfc3339(requested), " that is older than the allowed not_before_duration of ",
       format_duration(role.not_before_duration)});
}

Result<TimePoint> decide_not_before(const Role& role, const IssueRequest& request,
                                    const IssuerFacts& issuer, TimePoint now) {
  TimePoint not_before = default_not_before(now, role.not_before_duration);
  if (issuer.not_before) not_before = std::max(not_before, *issuer.not_before);
  if (!role.not_before.empty()) {
    not_before = TRY(parse_bound("not_before", role.not_before));
  } else if (request.not_before) {
    TRY(check_requested_not_before(role, *request.not_before, now));
    not_before = *request.not_before;
  }
  if (not_before >= kFirstMoment) return not_before;
  return invalid(
      "not_before", "not_before",
      {"not_before ", rfc3339(not_before), " is before 1950, which certificates cannot say"});
}

// The ttl that counts, cut to the maximum.
Result<seconds> decide_ttl(const Role& role, const IssueRequest& request, const Limits& limits,
                           std::vector<std::string>& warnings) {
  seconds ttl = request.ttl.value_or(seconds{0});
  if (ttl < seconds{0}) {
    return invalid("ttl", "ttl",
                   {"cannot provide negative value '", std::to_string(ttl.count()), "'"});
  }
  if (ttl == seconds{0}) ttl = role.ttl;
  if (ttl == seconds{0}) ttl = limits.default_ttl;
  const seconds max_ttl = role.max_ttl > seconds{0} ? role.max_ttl : limits.max_ttl;
  if (ttl <= max_ttl) return ttl;
  warnings.push_back("TTL \"" + format_duration(ttl) + "\" is longer than permitted maxTTL \"" +
                     format_duration(max_ttl) + "\", so maxTTL is being used");
  return max_ttl;
}

Result<void> check_requested_not_after(const Role& role, TimePoint requested,
                                       TimePoint latest_by_ttl, seconds ttl) {
  if (role.not_after_bound != "ttl-limited" || requested <= latest_by_ttl) return {};
  return refused(
      "not_after", "not_after_bound",
      {"not_after_bound is set to ttl-limited. Cannot satisfy request as that would result in "
       "notAfter of ",
       rfc3339(requested), " that is beyond the TTL of ", format_duration(ttl)});
}

Result<void> check_issuer_bound(const IssuerFacts& issuer, TimePoint not_after,
                                std::string_view field) {
  if (not_after <= issuer.not_after) return {};
  return refused(
      field, "issuer",
      {"cannot satisfy request, as TTL would result in notAfter of ", rfc3339(not_after),
       " that is beyond the expiration of the CA certificate at ", rfc3339(issuer.not_after)});
}

Result<void> check_latest_moment(const Role& role, TimePoint not_after) {
  const std::string& bound = role.not_after_bound;
  if (bound == "permit" || bound == "ttl-limited" || bound == "forbid" || bound.empty()) return {};
  const TimePoint latest = TRY(parse_bound("not_after_bound", bound));
  if (not_after <= latest) return {};
  return refused(
      "not_after", "not_after_bound",
      {"not_after_bound is set to ", bound,
       ". Cannot statisfy request as that would result in notAfter of ", rfc3339(not_after),
       " that is beyond the maximum timestamp of ", rfc3339(latest)});
}

// The notAfter that role or request name outright, rather than by ttl.
Result<std::optional<TimePoint>> fixed_not_after(const Role& role, const IssueRequest& request) {
  std::optional<TimePoint> fixed;
  if (!role.not_after.empty()) {
    fixed = TRY(parse_bound("not_after", role.not_after));
  } else if (request.not_after) {
    if (role.not_after_bound == "forbid") {
      return refused("not_after", "not_after_bound",
                     {"not_after_bound is set to forbid. not_after cannot be provided."});
    }
    fixed = request.not_after;
  }
  if (fixed && request.ttl.value_or(seconds{0}) > seconds{0}) {
    return invalid("ttl", "not_after",
                   {"Either ttl or not_after should be provided. Both should not be provided in "
                    "the same request."});
  }
  return fixed;
}

Result<TimePoint> decide_not_after(const Role& role, const IssueRequest& request,
                                   const IssuerFacts& issuer, TimePoint now,
                                   std::vector<std::string>& warnings) {
  const std::optional<TimePoint> fixed = TRY(fixed_not_after(role, request));
  const seconds ttl = TRY(decide_ttl(role, request, issuer.limits, warnings));
  if (fixed && role.not_after.empty()) TRY(check_requested_not_after(role, *fixed, now + ttl, ttl));
  TimePoint not_after = fixed.value_or(now + ttl);
  if (issuer.truncates) not_after = std::min(not_after, issuer.not_after);
  TRY(check_issuer_bound(issuer, not_after, fixed ? "not_after" : "ttl"));
  TRY(check_latest_moment(role, not_after));
  return not_after;
}

}  // namespace

TimePoint default_not_before(TimePoint now, seconds backdating) {
  return std::max(now - backdating, kFirstMoment);
}

Result<TimePoint> parse_bound(std::string_view field, std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (time) return *time;
  return invalid(
      field, field,
      {"parsing time ", in_quotes(text), " as \"2006-01-02T15:04:05Z07:00\": cannot parse ",
       in_quotes(text), " as \"2006\""});
}

Result<Validity> decide_validity(const Role& role, const IssueRequest& request,
                                 const IssuerFacts& issuer, TimePoint now,
                                 std::vector<std::string>& warnings) {
  const TimePoint not_before = TRY(decide_not_before(role, request, issuer, now));
  const TimePoint not_after = TRY(decide_not_after(role, request, issuer, now, warnings));
  return Validity{not_before, not_after};
}

Result<void> check_validity(const Validity& validity) {
  if (validity.not_before < validity.not_after) return {};
  const bool equal_times = validity.not_before == validity.not_after;
  return invalid("not_after", "not_after",
                 {"The certificate's Not Before (", rfc3339(validity.not_before), ") is ",
                  equal_times ? "equal to" : "later than", " the certificate's Not After (",
                  rfc3339(validity.not_after), ")"});
}

}  // namespace chancery::policy
