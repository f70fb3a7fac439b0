#include "protocols/json/role_document.h"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <variant>

#include "base/text.h"
#include "policy/role_fields.h"

namespace chancery::json {
namespace {

using policy::NotBeforeBound;
using policy::Role;
using policy::RoleKeyType;

// What OpenBao's roles can switch on and this program cannot: identity templates.
constexpr std::array<std::string_view, 4> kNeverTrue{
    "allow_globs_in_identity_templates", "allow_token_displayname", "allowed_domains_template",
    "allowed_uri_sans_template"};

bool is_name(const policy::RoleField& field) { return field.name == "name"; }

// policy_identifiers may come as one text that is a JSON list of {"oid", "notice", "cps"} objects:
// each becomes an item of its own.
std::optional<std::vector<std::string>> policies_from_json(std::string_view text) {
  if (!trim(text).starts_with('[')) return std::nullopt;
  boost::json::error_code code;
  const boost::json::value parsed = boost::json::parse({text.data(), text.size()}, code);
  if (code || !parsed.is_array()) return std::nullopt;
  std::vector<std::string> items;
  for (const boost::json::value& item : parsed.get_array()) {
    if (!item.is_object()) return std::nullopt;
    items.push_back(boost::json::serialize(item));
  }
  return items;
}

// ReadField puts one field of the request into the role.
struct ReadField {
  FieldReader& fields;
  std::string_view name;
  Role& role;

  void operator()(bool Role::* member) const { role.*member = fields.flag(name, role.*member); }
  void operator()(unsigned Role::* member) const {
    const std::int64_t given = fields.integer(name);
    if (given < 0 || given > 65'536) {
      fields.refuse(name, "out of range");
    } else {
      role.*member = static_cast<unsigned>(given);
    }
  }
  void operator()(seconds Role::* member) const {
    role.*member = fields.duration(name, role.*member);
  }
  void operator()(std::string Role::* member) const {
    role.*member = fields.text(name, role.*member);
  }
  void operator()(std::vector<std::string> Role::* member) const {
    if (member == &Role::policy_identifiers && fields.is_text(name)) {
      if (auto items = policies_from_json(fields.text(name))) {
        role.*member = *std::move(items);
        return;
      }
    }
    role.*member = fields.list(name, role.*member);
  }
  void operator()(RoleKeyType Role::* member) const {
    read_word(member, policy::parse_role_key_type);
  }
  void operator()(NotBeforeBound Role::* member) const {
    read_word(member, policy::parse_not_before_bound);
  }

 private:
  template <class T>
  void read_word(T Role::* member, Result<T> (*parse)(std::string_view)) const {
    if (!fields.has(name)) return;
    const auto value = parse(fields.text(name));
    if (value) {
      role.*member = *value;
    } else {
      fields.refuse_with(name, value.error());
    }
  }
};

struct WriteField {
  Writer& out;
  std::string_view name;
  const Role& role;

  void operator()(seconds Role::* member) const { out.field(name, (role.*member).count()); }
  void operator()(RoleKeyType Role::* member) const { out.field(name, policy::name(role.*member)); }
  void operator()(NotBeforeBound Role::* member) const {
    out.field(name, policy::name(role.*member));
  }
  template <class T>
  void operator()(T Role::* member) const {
    out.field(name, role.*member);
  }
};

}  // namespace

policy::Role read_role(std::string name, FieldReader& fields) {
  Role role;
  role.name = std::move(name);
  for (const policy::RoleField& field : policy::role_fields()) {
    if (!is_name(field)) std::visit(ReadField{fields, field.name, role}, field.place);
  }
  for (const std::string_view never : kNeverTrue) {
    if (fields.flag(never)) fields.refuse(never, "identity templates are not supported here");
  }
  return role;
}

void write_role(Writer& out, const policy::Role& role) {
  for (const policy::RoleField& field : policy::role_fields()) {
    if (!is_name(field)) std::visit(WriteField{out, field.name, role}, field.place);
  }
  for (const std::string_view never : kNeverTrue) out.field(never, false);
}

std::vector<std::string_view> role_field_names() {
  std::vector<std::string_view> names(kNeverTrue.begin(), kNeverTrue.end());
  for (const policy::RoleField& field : policy::role_fields()) {
    if (!is_name(field)) names.push_back(field.name);
  }
  return names;
}

}  // namespace chancery::json
