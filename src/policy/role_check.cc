#include <algorithm>

#include "base/text.h"
#include "policy/key_rules.h"
#include "policy/other_name.h"
#include "policy/refusal.h"
#include "policy/role_fields.h"
#include "policy/subject.h"
#include "policy/usages.h"
#include "policy/validity.h"
#include "x509/cidr.h"

namespace chancery::policy {
namespace {

constexpr std::size_t kMaxEntries = 10'000;  // of one list

// verdict keeps of a result whether there is one.
template <class T>
Result<void> verdict(Result<T> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

Result<void> check_list(std::string_view field, const std::vector<std::string>& values) {
  if (values.size() > kMaxEntries) {
    return invalid(field, field,
                   {field, " has more than ", std::to_string(kMaxEntries), " entries"});
  }
  for (const std::string& value : values) TRY(check_text(field, value));
  return {};
}

Result<void> check_bounds(const Role& role) {
  for (const RoleField& field : role_fields()) {
    if (const auto* list = std::get_if<std::vector<std::string> Role::*>(&field.place)) {
      TRY(check_list(field.name, role.**list));
    } else if (const auto* text = std::get_if<std::string Role::*>(&field.place)) {
      TRY(check_text(field.name, role.**text));
    } else if (const auto* duration = std::get_if<seconds Role::*>(&field.place)) {
      if (role.**duration < seconds{0}) {
        return invalid(
            field.name, field.name,
            {"cannot provide negative value '", std::to_string((role.**duration).count()), "'"});
      }
    }
  }
  return {};
}

Result<void> check_other_sans(const Role& role) {
  if (role.allowed_other_sans.size() == 1 && role.allowed_other_sans.front() == "*") return {};
  for (const std::string& text : role.allowed_other_sans) {
    const auto name = parse_other_name(text);
    if (!name) {
      return invalid("allowed_other_sans", "allowed_other_sans",
                     {"error parsing allowed_other_sans: ", name.error().detail});
    }
  }
  return {};
}

Result<void> normalize_networks(Role& role) {
  for (std::string& text : role.allowed_ip_sans_cidr) {
    const auto network = x509::Cidr::parse(text);
    if (!network) {
      return invalid("allowed_ip_sans_cidr", "allowed_ip_sans_cidr",
                     {"error parsing allowed_ip_sans_cidr: invalid CIDR address: ", text});
    }
    text = network->to_string();
  }
  return {};
}

void settle_lease(Role& role, std::vector<std::string>& warnings) {
  if (!role.generate_lease) return;
  if (role.no_store) {
    role.generate_lease = false;
    warnings.emplace_back(
        "mutually exclusive values no_store=true and generate_lease=true were both specified; "
        "no_store=true takes priority");
  } else {
    warnings.emplace_back(
        "it is encouraged to disable generate_lease and rely on PKI's native capabilities when "
        "possible; "
        "this option can cause instance-wide issues with large numbers of issued certificates");
  }
}

Result<void> check_times(Role& role) {
  std::string& bound = role.not_after_bound;
  if (bound.empty()) bound = "permit";
  if (bound != "permit" && bound != "ttl-limited" && bound != "forbid" && !parse_rfc3339(bound)) {
    return invalid(
        "not_after_bound", "not_after_bound",
        {"Unknown value for field `not_after_bound`. Possible values are `permit`, `ttl-limited`, "
         "`forbid`, or an explicit timestamp."});
  }
  if (!role.not_before.empty()) TRY(verdict(parse_bound("not_before", role.not_before)));
  if (!role.not_after.empty()) TRY(verdict(parse_bound("not_after", role.not_after)));
  if (role.max_ttl > seconds{0} && role.ttl > role.max_ttl) {
    return invalid("ttl", "max_ttl", {"\"ttl\" value must be less than \"max_ttl\" value"});
  }
  return {};
}

Result<void> settle_keys(Role& role) {
  role.key_bits = TRY(resolve_key_bits(role.key_type, role.key_bits));
  const unsigned bits = role.signature_bits;
  if (bits == 0 || bits == 256 || bits == 384 || bits == 512) return {};
  return invalid("signature_bits", "signature_bits",
                 {"unsupported hash signature algorithm: ", std::to_string(bits)});
}

std::unexpected<Error> bad_validations(std::string_view why, std::string_view word,
                                       std::string_view more) {
  return invalid("cn_validations", "cn_validations",
                 {"cn_validations value incorrect: ", why, word, more});
}

Result<void> settle_validations(std::vector<std::string>& validations) {
  if (validations.empty()) validations = {"email", "hostname"};
  for (auto value = validations.begin(); value != validations.end(); ++value) {
    const std::string word = to_lower(*value);
    if (word != "disabled" && word != "email" && word != "hostname") {
      return bad_validations("unknown type: `", *value, "`");
    }
    if (std::find(validations.begin(), value, word) != value) {
      return bad_validations("`", word, "` specified multiple times");
    }
    *value = word;
  }
  if (validations.size() > 1 && std::ranges::find(validations, "disabled") != validations.end()) {
    return bad_validations("cannot specify `disabled` along with `email` or `hostname`", "", "");
  }
  return {};
}

void warn_of_ttl(const Role& role, const Limits& limits, std::vector<std::string>& warnings) {
  if (role.max_ttl > seconds{0} || role.ttl <= limits.max_ttl) return;
  warnings.push_back("the role's ttl " + format_duration(role.ttl) +
                     " is longer than the mount's maximum " + format_duration(limits.max_ttl) +
                     ", which its certificates will get instead");
}

}  // namespace

Result<std::vector<std::string>> check_role(Role& role, const Limits& limits) {
  std::vector<std::string> warnings;
  TRY(check_bounds(role));
  TRY(check_other_sans(role));
  TRY(normalize_networks(role));
  settle_lease(role, warnings);
  TRY(check_times(role));
  TRY(settle_keys(role));
  TRY(verdict(extended_key_usage(role)));
  TRY(verdict(policies(role)));
  if (role.issuer_ref.empty()) role.issuer_ref = "default";
  TRY(settle_validations(role.cn_validations));
  TRY(verdict(build_subject(role, {})));
  warn_of_ttl(role, limits, warnings);
  return warnings;
}

}  // namespace chancery::policy
