#include "protocols/json/role_document.h"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <variant>

#include "base/text.h"
#include "policy/profile_fields.h"

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

template <class T>
void read_word(FieldReader& fields, std::string_view name, T& out,
               Result<T> (*parse)(std::string_view)) {
  if (!fields.has(name)) return;
  const auto value = parse(fields.text(name));
  if (value) {
    out = *value;
  } else {
    fields.refuse_with(name, value.error());
  }
}

// ReadField puts one field of the request where it belongs; what is absent stays as it was.
struct ReadField {
  FieldReader& fields;

  void operator()(std::string_view name, bool& out) const { out = fields.flag(name, out); }
  void operator()(std::string_view name, unsigned& out) const {
    const std::int64_t given = fields.integer(name, out);
    if (given < 0 || given > 65'536) {
      fields.refuse(name, "out of range");
    } else {
      out = static_cast<unsigned>(given);
    }
  }
  void operator()(std::string_view name, int& out) const {
    const std::int64_t given = fields.integer(name, out);
    if (given < -1 || given > 65'536) {
      fields.refuse(name, "out of range");
    } else {
      out = static_cast<int>(given);
    }
  }
  void operator()(std::string_view name, seconds& out) const { out = fields.duration(name, out); }
  void operator()(std::string_view name, std::string& out) const { out = fields.text(name, out); }
  void operator()(std::string_view name, std::vector<std::string>& out) const {
    if (name == "policy_identifiers" && fields.is_text(name)) {
      if (auto items = policies_from_json(fields.text(name))) {
        out = *std::move(items);
        return;
      }
    }
    out = fields.list(name, out);
  }
  void operator()(std::string_view name, RoleKeyType& out) const {
    read_word(fields, name, out, policy::parse_role_key_type);
  }
  void operator()(std::string_view name, NotBeforeBound& out) const {
    read_word(fields, name, out, policy::parse_not_before_bound);
  }
};

struct WriteField {
  Writer& out;

  void operator()(std::string_view name, const seconds& value) const {
    out.field(name, value.count());
  }
  void operator()(std::string_view name, const RoleKeyType& value) const {
    out.field(name, policy::name(value));
  }
  void operator()(std::string_view name, const NotBeforeBound& value) const {
    out.field(name, policy::name(value));
  }
  template <class T>
  void operator()(std::string_view name, const T& value) const {
    out.field(name, value);
  }
};

}  // namespace

policy::Role read_role(std::string name, FieldReader& fields) {
  Role role;
  role.name = std::move(name);
  role.key_bits = 0;
  role.signature_bits = 0;
  const ReadField read{fields};
  for (const policy::RoleField& field : policy::role_fields()) {
    if (is_name(field)) continue;
    std::visit([&](auto place) { read(field.name, role.*place); }, field.place);
  }
  for (const std::string_view never : kNeverTrue) {
    if (fields.flag(never)) fields.refuse(never, "identity templates are not supported here");
  }
  return role;
}

void write_role(Writer& out, const policy::Role& role) {
  for (const policy::RoleField& field : policy::role_fields()) {
    if (is_name(field)) continue;
    std::visit([&](auto place) { WriteField{out}(field.name, role.*place); }, field.place);
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

void read_profile(FieldReader& fields, policy::Profile& profile) {
  policy::for_each_field(profile, ReadField{fields});
}

void write_profile(Writer& out, const policy::Profile& profile) {
  policy::for_each_field(profile, WriteField{out});
}

std::vector<std::string_view> profile_field_names() {
  std::vector<std::string_view> names;
  const policy::Profile profile;
  policy::for_each_field(profile,
                         [&](std::string_view name, const auto&) { names.push_back(name); });
  return names;
}

}  // namespace chancery::json
