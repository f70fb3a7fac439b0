#include "protocols/acme/fields.h"

namespace chancery::acme {
namespace {

using Kind = jose::Json::Kind;

std::unexpected<Error> wrong(std::string_view name, std::string_view wanted) {
  return malformed("\"" + std::string(name) + "\" has to be " + std::string(wanted));
}

}  // namespace

Result<std::optional<std::string>> text_field(const jose::Json& object, std::string_view name) {
  const jose::Json* const field = object.find(name);
  if (field == nullptr || field->is(Kind::kNull)) return std::nullopt;
  if (field->is(Kind::kString)) return field->text;
  return wrong(name, "a text");
}

Result<bool> flag_field(const jose::Json& object, std::string_view name) {
  const jose::Json* const field = object.find(name);
  if (field == nullptr || field->is(Kind::kNull)) return false;
  if (field->is(Kind::kBool)) return field->text == "true";
  return wrong(name, "true or false");
}

Result<std::optional<std::vector<std::string>>> texts_field(const jose::Json& object,
                                                            std::string_view name) {
  const jose::Json* const field = object.find(name);
  if (field == nullptr || field->is(Kind::kNull)) return std::nullopt;
  if (!field->is(Kind::kArray)) return wrong(name, "a list of texts");
  std::vector<std::string> texts;
  for (const jose::Json& item : field->items) {
    if (!item.is(Kind::kString)) return wrong(name, "a list of texts");
    texts.push_back(item.text);
  }
  return texts;
}

Result<std::optional<TimePoint>> time_field(const jose::Json& object, std::string_view name) {
  const auto text = TRY(text_field(object, name));
  if (!text) return std::nullopt;
  const auto time = parse_rfc3339(*text);
  if (time) return *time;
  return wrong(name, "a time as in RFC 3339");
}

Result<Bytes> octets_field(const jose::Json& object, std::string_view name) {
  const auto text = TRY(text_field(object, name));
  if (!text) return malformed("\"" + std::string(name) + "\" is missing");
  auto octets = parse_base64(*text, Base64::kUrl);
  if (octets && !octets->empty()) return octets;
  return wrong(name, "DER as base64url without padding");
}

}  // namespace chancery::acme
