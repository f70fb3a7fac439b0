#include "policy/subject.h"

#include <algorithm>

#include "base/text.h"
#include "policy/domain_rules.h"
#include "policy/refusal.h"
#include "x509/oids.h"

namespace chancery::policy {
namespace {

namespace oids = x509::oids;

struct RoleAttribute {
  std::string_view field;
  std::vector<std::string> Role::* values;
  asn1::Oid type;
};

constexpr RoleAttribute kRoleAttributes[] = {
    {"country", &Role::country, oids::kCountry},
    {"province", &Role::province, oids::kState},
    {"locality", &Role::locality, oids::kLocality},
    {"street_address", &Role::street_address, oids::kStreet},
    {"postal_code", &Role::postal_code, oids::kPostalCode},
    {"organization", &Role::organization, oids::kOrganization},
    {"ou", &Role::ou, oids::kOrganizationalUnit},
};

// The CSR's values where they count: the last common name and serial number, every user id.
void read_csr_subject(const Role& role, const x509::Name& name, SubjectRequest& out) {
  const bool wants_user_ids = out.user_ids.empty();
  std::optional<std::string> serial_number;
  for (const x509::Attribute& attribute : name.attributes()) {
    const bool common_name = attribute.type == oids::kCommonName;
    const bool serial = attribute.type == oids::kSerialNumber;
    const bool user_id = attribute.type == oids::kUserId;
    if (!common_name && !serial && !user_id) continue;
    std::optional<std::string> text = attribute.text();
    if (!text) continue;
    if (common_name && role.use_csr_common_name) out.common_name = *std::move(text);
    if (serial) serial_number = std::move(text);
    if (user_id && wants_user_ids) out.user_ids.push_back(*std::move(text));
  }
  if (out.serial_number.empty() && serial_number) out.serial_number = *std::move(serial_number);
}

Result<void> check_texts(const SubjectRequest& subject) {
  TRY(check_text("common_name", subject.common_name));
  TRY(check_text("serial_number", subject.serial_number));
  for (const std::string& user_id : subject.user_ids) TRY(check_text("user_ids", user_id));
  return {};
}

bool is_allowed_user_id(const Role& role, std::string_view user_id) {
  return std::ranges::any_of(role.allowed_user_ids, [&](const std::string& allowed) {
    return equal_ignoring_case(allowed, user_id) ||
           (allowed.find('*') != std::string::npos && glob_match(allowed, user_id));
  });
}

Result<void> in_field(std::string_view field, Result<void> added) {
  if (added) return {};
  return invalid(field, field, {field, ": ", added.error().detail});
}

Result<void> add_role_attribute(const RoleAttribute& attribute, const Role& role,
                                x509::NameBuilder& out) {
  const std::vector<std::string>& values = role.*attribute.values;
  bool first = true;
  for (auto value = values.begin(); value != values.end(); ++value) {
    const std::string_view text = trim(*value);
    const auto same = [&](const std::string& other) { return trim(other) == text; };
    if (text.empty() || std::any_of(values.begin(), value, same)) continue;
    TRY(in_field(attribute.field,
                 first ? out.add(attribute.type, text) : out.add_to_rdn(attribute.type, text)));
    first = false;
  }
  return {};
}

}  // namespace

Result<SubjectRequest> read_subject(const Role& role, const IssueRequest& request) {
  SubjectRequest subject{{}, request.serial_number, request.user_ids};
  if (request.csr != nullptr) read_csr_subject(role, request.csr->subject(), subject);
  if (subject.common_name.empty()) subject.common_name = request.common_name;
  if (subject.common_name.empty() && role.require_cn) {
    return invalid("common_name", "require_cn",
                   {"the common_name field is required, or must be provided in a CSR with "
                    "\"use_csr_common_name\" set to true, unless \"require_cn\" is set to false"});
  }
  TRY(check_texts(subject));
  return subject;
}

Result<void> check_common_name(const Role& role, const SubjectRequest& subject) {
  if (subject.common_name.empty()) return {};
  const std::string_view rule = refusing_rule_for_common_name(role, subject.common_name);
  if (rule.empty()) return {};
  return refused("common_name", rule,
                 {"common name ", subject.common_name, " not allowed by this role"});
}

Result<void> check_serial_number(const Role& role, const SubjectRequest& subject) {
  if (subject.serial_number.empty()) return {};
  const bool allowed =
      std::ranges::any_of(role.allowed_serial_numbers, [&](const std::string& pattern) {
        return !pattern.empty() && glob_match(pattern, subject.serial_number);
      });
  if (allowed) return {};
  return refused("serial_number", "allowed_serial_numbers",
                 {"serial_number ", subject.serial_number, " not allowed by this role"});
}

Result<void> check_user_ids(const Role& role, const SubjectRequest& subject) {
  for (const std::string& user_id : subject.user_ids) {
    if (is_allowed_user_id(role, user_id)) continue;
    return refused("user_ids", "allowed_user_ids",
                   {"user_id ", user_id, " is not allowed by this role"});
  }
  return {};
}

Result<x509::Name> build_subject(const Role& role, const SubjectRequest& subject) {
  x509::NameBuilder name;
  for (const RoleAttribute& attribute : kRoleAttributes)
    TRY(add_role_attribute(attribute, role, name));
  if (!subject.common_name.empty()) {
    TRY(in_field("common_name", name.add(oids::kCommonName, subject.common_name)));
  }
  if (!subject.serial_number.empty()) {
    TRY(in_field("serial_number", name.add(oids::kSerialNumber, subject.serial_number)));
  }
  for (const std::string& user_id : subject.user_ids) {
    if (!user_id.empty()) TRY(in_field("user_ids", name.add(oids::kUserId, user_id)));
  }
  return name.build();
}

}  // namespace chancery::policy
