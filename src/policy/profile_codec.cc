#include "policy/field_codec.h"
#include "policy/profile_fields.h"

namespace chancery::policy {
namespace {

namespace json = boost::json;

std::unexpected<Error> damaged(std::string_view why, std::string_view field = {}) {
  Error error{Code::kDataLoss, "stored profile: " + std::string(why), {}, {}};
  if (!field.empty()) error = std::move(error).with("field", field);
  return std::unexpected(std::move(error));
}

}  // namespace

Bytes encode(const Profile& profile) {
  json::object object;
  object.emplace("name", profile.rules.name);
  for_each_field(profile, [&](std::string_view name, const auto& value) {
    object.emplace(name, codec::to_json(value));
  });
  return to_bytes(json::serialize(object));
}

Result<Profile> parse_profile(BytesView text) {
  boost::system::error_code error;
  const json::value value = json::parse(as_text(text), error);
  if (error || !value.is_object()) return damaged("not a JSON object");
  const json::object& object = value.get_object();
  Profile profile;
  std::size_t known = 0;
  std::string_view faulty;
  const auto take = [&](std::string_view name, auto& out) {
    const json::value* const member = object.if_contains(name);
    if (member == nullptr || !codec::read(*member, out)) faulty = name;
    ++known;
  };
  take("name", profile.rules.name);
  for_each_field(profile, take);
  if (!faulty.empty()) return damaged("field is absent or has a wrong value", faulty);
  if (known != object.size()) return damaged("unknown field");
  return profile;
}

}  // namespace chancery::policy
