#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "protocols/json/body.h"

namespace chancery::json {

Result<Body> Body::parse_member(std::string_view text, std::string_view name) {
  boost::json::error_code code;
  const boost::json::value document = boost::json::parse(text, code);
  const auto* object = code ? nullptr : document.if_object();
  const auto* member = object == nullptr ? nullptr : object->if_contains(name);
  if (member == nullptr || member->is_null()) return Body{};
  if (member->is_object()) return parse_json(boost::json::serialize(*member));
  return std::unexpected(Error{
      Code::kInvalidArgument,
      "error converting input for field \"" + std::string(name) + "\": expected a map",
      {},
      {}}.with("field", name));
}

}  // namespace chancery::json
