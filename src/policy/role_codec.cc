#include <algorithm>

#include "policy/field_codec.h"
#include "policy/role_fields.h"

namespace chancery::policy {
namespace {

using codec::read;
using codec::to_json;
namespace json = boost::json;

std::unexpected<Error> damaged(std::string_view why, std::string_view field = {}) {
  Error error{Code::kDataLoss, "stored role: " + std::string(why), {}, {}};
  if (!field.empty()) error = std::move(error).with("field", field);
  return std::unexpected(std::move(error));
}

}  // namespace

Bytes encode(const Role& role) {
  json::object object;
  object.reserve(role_fields().size());
  for (const RoleField& field : role_fields()) {
    std::visit([&](auto place) { object.emplace(field.name, to_json(role.*place)); }, field.place);
  }
  return to_bytes(json::serialize(object));
}

Result<Role> parse_role(BytesView text) {
  boost::system::error_code error;
  const json::value value = json::parse(as_text(text), error);
  if (error || !value.is_object()) return damaged("not a JSON object");
  Role role;
  for (const json::key_value_pair& member : value.get_object()) {
    const auto field =
        std::ranges::find(role_fields(), std::string_view(member.key()), &RoleField::name);
    if (field == role_fields().end()) return damaged("unknown field", member.key());
    const bool good =
        std::visit([&](auto place) { return read(member.value(), role.*place); }, field->place);
    if (!good) return damaged("field has a wrong value", member.key());
  }
  return role;
}

}  // namespace chancery::policy
