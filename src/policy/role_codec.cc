#include <algorithm>
#include <boost/json.hpp>

#include "policy/role_fields.h"

namespace chancery::policy {
namespace {

namespace json = boost::json;

// One write and one read for each type a field may have.

json::value to_json(bool value) { return value; }
json::value to_json(unsigned value) { return value; }
json::value to_json(seconds value) { return value.count(); }
json::value to_json(const std::string& value) { return json::string(value); }
json::value to_json(RoleKeyType value) { return json::string(name(value)); }
json::value to_json(NotBeforeBound value) { return json::string(name(value)); }
json::value to_json(const std::vector<std::string>& values) {
  json::array array;
  array.reserve(values.size());
  for (const std::string& value : values) array.emplace_back(value);
  return array;
}

bool read(const json::value& in, bool& out) {
  if (!in.is_bool()) return false;
  out = in.get_bool();
  return true;
}

bool read(const json::value& in, seconds& out) {
  if (!in.is_int64()) return false;
  out = seconds{in.get_int64()};
  return true;
}

bool read(const json::value& in, unsigned& out) {
  if (!in.is_int64() || in.get_int64() < 0 || in.get_int64() > 1'000'000) return false;
  out = static_cast<unsigned>(in.get_int64());
  return true;
}

bool read(const json::value& in, std::string& out) {
  if (!in.is_string()) return false;
  out.assign(in.get_string());
  return true;
}

bool read(const json::value& in, std::vector<std::string>& out) {
  if (!in.is_array()) return false;
  out.clear();
  for (const json::value& element : in.get_array()) {
    if (!read(element, out.emplace_back())) return false;
  }
  return true;
}

template <class T>
bool read_name(const json::value& in, T& out, Result<T> (*parse)(std::string_view)) {
  if (!in.is_string()) return false;
  const Result<T> value = parse(in.get_string());
  if (!value) return false;
  out = *value;
  return true;
}

bool read(const json::value& in, RoleKeyType& out) {
  return read_name(in, out, parse_role_key_type);
}
bool read(const json::value& in, NotBeforeBound& out) {
  return read_name(in, out, parse_not_before_bound);
}

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
