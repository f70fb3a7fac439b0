#include "validation/network/dns_methods.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "crypto/digest.h"
#include "validation/network/issue_value.h"

namespace chancery::validation::network {
namespace {

std::string base32(BytesView bytes) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  unsigned held = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8U) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[(held >> (bits - 5)) & 31U];
  }
  return out;
}

// What is wrong with records of which none matched, without telling what they are.
std::string mismatch(const std::string& domain, const std::vector<std::string>& found,
                     const std::string& wanted) {
  const bool nearly =
      std::ranges::any_of(found, [&](const std::string& text) { return trim(text) == wanted; });
  const std::string count = found.size() == 1 ? "the TXT record at " + domain + " is not"
                                              : "none of the " + std::to_string(found.size()) +
                                                    " TXT records at " + domain + " is";
  return count + " the digest of this challenge's key authorisation" +
         (nearly ? ": one has blanks around it."
                 : ". Remove what is left of older challenges, and "
                   "publish \"" +
                       wanted + "\".");
}

Outcome digest_at(const std::string& domain, const Attempt& attempt, const Probe& probe) {
  const auto found = texts(probe, domain);
  if (!found) return outcome_of(found.error());
  const std::string wanted =
      base64(crypto::sha256(as_bytes(attempt.key_authorization)), Base64::kUrl);
  if (std::ranges::find(*found, wanted) != found->end()) return {};
  return outcome_of({Problem::kIncorrectResponse, mismatch(domain, *found, wanted), true});
}

// Permission is what a record of dns-persist-01 says.
struct Permission {
  std::string account;
  bool wildcard = false;
  std::optional<TimePoint> until;
};

Result<TimePoint> parse_until(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t kYear9999 = 253'402'300'799;
  if (error != std::errc{} || end != text.data() + text.size() || value < 0)
    return fail(Code::kMalformed, "persistUntil is not a number of seconds since 1970");
  return from_unix(std::min(value, kYear9999));
}

// once refuses a second parameter of one kind.
Result<void> once(bool& seen, std::string_view tag) {
  if (seen) return fail(Code::kMalformed, "the parameter " + std::string(tag) + " stands twice");
  seen = true;
  return {};
}

Result<Permission> permission_of(const IssueValue& value) {
  Permission out;
  bool account = false;
  bool policy = false;
  bool until = false;
  for (const IssueParameter& parameter : value.parameters) {
    if (parameter.tag == "accounturi") {
      TRY(once(account, "accounturi"));
      out.account = parameter.value;
    } else if (parameter.tag == "policy") {
      TRY(once(policy, "policy"));
      out.wildcard = equal_ignoring_case(parameter.value, "wildcard");
    } else if (parameter.tag == "persistuntil") {
      TRY(once(until, "persistUntil"));
      out.until = TRY(parse_until(parameter.value));
    }
  }
  if (out.account.empty()) return fail(Code::kMalformed, "accounturi is missing");
  return out;
}

Result<Permission> read_permission(std::string_view record) {
  const IssueValue value = TRY(parse_issue_value(record));
  return permission_of(value);
}

std::string objection(const Permission& permission, const Attempt& attempt, TimePoint now) {
  if (permission.account != attempt.account_url)
    return "a record names another account; this one is " + attempt.account_url;
  if (attempt.wildcard && !permission.wildcard)
    return "a record lacks policy=wildcard, which a wildcard name needs";
  if (permission.until && now > *permission.until)
    return "a record ended with its persistUntil, " + rfc3339(*permission.until);
  return {};
}

bool is_of(const std::vector<std::string>& issuers, const std::string& issuer) {
  return std::ranges::any_of(
      issuers, [&](const std::string& own) { return equal_ignoring_case(own, issuer); });
}

Outcome no_permission(const Attempt& attempt, const std::string& objections) {
  const std::string where = "_validation-persist." + attempt.identifier.value;
  if (!objections.empty())
    return outcome_of({Problem::kIncorrectResponse, "at " + where + ": " + objections + ".", true});
  const std::string issuer = attempt.issuer_domains.empty() ? "" : attempt.issuer_domains.front();
  return outcome_of({Problem::kUnauthorized,
                     "no TXT record at " + where + " names this CA. Publish \"" + issuer +
                         "; accounturi=" + attempt.account_url + "\".",
                     true});
}

}  // namespace

std::string account_label(std::string_view account_url) {
  const auto digest = crypto::sha256(as_bytes(account_url));
  return "_" + base32(BytesView(digest).first(10));
}

Outcome dns_01(const Attempt& attempt, const Probe& probe) {
  return digest_at("_acme-challenge." + attempt.identifier.value, attempt, probe);
}

Outcome dns_account_01(const Attempt& attempt, const Probe& probe) {
  return digest_at(
      account_label(attempt.account_url) + "._acme-challenge." + attempt.identifier.value, attempt,
      probe);
}

Outcome judge_persistent(const Attempt& attempt, const std::vector<std::string>& records,
                         TimePoint now) {
  std::string objections;
  for (const std::string& record : records) {
    if (!is_of(attempt.issuer_domains, issuer_of(record))) continue;
    const auto permission = read_permission(record);
    const std::string wrong =
        permission ? objection(*permission, attempt, now) : permission.error().detail;
    if (wrong.empty()) {
      Outcome outcome;
      outcome.valid_until = permission->until;
      return outcome;
    }
    if (objections.size() < 1000) objections += (objections.empty() ? "" : "; ") + wrong;
  }
  return no_permission(attempt, objections);
}

Outcome dns_persist_01(const Attempt& attempt, const Probe& probe) {
  const auto found = texts(probe, "_validation-persist." + attempt.identifier.value);
  if (!found) return outcome_of(found.error());
  return judge_persistent(attempt, *found, probe.clock.now());
}

}  // namespace chancery::validation::network
