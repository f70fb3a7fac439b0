#include <algorithm>
#include <boost/json.hpp>

#include "policy/refusal.h"
#include "policy/usages.h"

namespace chancery::policy {
namespace {

namespace json = boost::json;

std::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return invalid("policy_identifiers", "policy_identifiers",
                 {"policy identifier ", in_quotes(text), why});
}

// The member's text; nothing when it is missing or of another type.
std::optional<std::string> member(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

Result<x509::PolicyInformation> read_json(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object())
    return bad(text, " is neither an OID nor a JSON policy identifier");
  const json::object& object = value.get_object();
  const auto oid = asn1::Oid::parse(member(object, "oid").value_or(""));
  if (!oid) return bad(text, " has no valid \"oid\"");
  x509::PolicyInformation policy{*oid, {}, {}};
  if (auto cps = member(object, "cps"); cps && !cps->empty()) {
    TRY(check_text("policy_identifiers", *cps));
    if (std::ranges::any_of(*cps, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      return bad(text, " has a cps that is not ASCII");
    }
    policy.cps_uris.push_back(*std::move(cps));
  }
  if (auto notice = member(object, "notice"); notice && !notice->empty()) {
    TRY(check_text("policy_identifiers", *notice));
    policy.user_notices.push_back(*std::move(notice));
  }
  return policy;
}

}  // namespace

Result<std::vector<x509::PolicyInformation>> policies(const Role& role) {
  std::vector<x509::PolicyInformation> out;
  for (const std::string& text : role.policy_identifiers) {
    if (text.empty()) continue;
    const auto oid = asn1::Oid::parse(text);
    auto policy = oid ? x509::PolicyInformation{*oid, {}, {}} : TRY(read_json(text));
    if (std::ranges::find(out, policy.id, &x509::PolicyInformation::id) == out.end()) {
      out.push_back(std::move(policy));
    }
  }
  return out;
}

}  // namespace chancery::policy
