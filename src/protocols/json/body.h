#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/request.h"
#include "protocols/json/name_set.h"

namespace chancery::json {

// Value is one member of a request's object as it came. Numbers keep their digits; what a client
// nests deeper than a list or an object of scalars is checked but not kept (kOther).
struct Value {
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kList, kObject, kOther };
  Kind kind = Kind::kNull;
  std::string text;                // "true", "12.5", or the string itself
  std::vector<std::string> items;  // of a list: strings, digits; true and false are "1" and "0"; of
                                   // an object its values
  std::vector<std::string> names = {};  // of an object: one for each item
};

// Body is what a client sent: one flat object. The names are unique; the values, which may be
// secrets, are zeroed when it goes.
class Body {
 public:
  Body() = default;
  Body(const Body&) = default;
  Body& operator=(const Body&) = default;
  Body(Body&&) noexcept = default;
  Body& operator=(Body&&) noexcept = default;
  ~Body();

  static constexpr std::size_t kMaxDepth = 32;
  static constexpr std::size_t kMaxMembers = 256;  // of any object; a list may have kMaxItems
  static constexpr std::size_t kMaxItems = 10'000;

  // parse_json reads RFC 8259 JSON strictly: one object in UTF-8, no name twice at any depth. An
  // empty text and "null" are the empty object. Errors: kMalformed, kTooLarge (depth, counts), with
  // the member or the offset in Error::where.
  [[nodiscard]] static Result<Body> parse_json(std::string_view text);
  // parse_form reads "a=b&c=d" (application/x-www-form-urlencoded). Errors: the same.
  [[nodiscard]] static Result<Body> parse_form(std::string_view text);
  // from_pairs takes query parameters; a name that stands twice is kMalformed.
  [[nodiscard]] static Result<Body> from_pairs(const std::vector<http::Header>& pairs);

  // parse_member reads the object that is the member `name` of a text that parse_json took; an
  // absent one, null, and one of a body that is no JSON are the empty object. Errors: those of
  // parse_json; kInvalidArgument (not an object).
  [[nodiscard]] static Result<Body> parse_member(std::string_view text, std::string_view name);
  // patched is this body changed as a JSON merge patch says (RFC 7396): what the patch has replaces
  // what is here, and null removes it. Errors: kTooLarge.
  [[nodiscard]] Result<Body> patched(const Body& patch) const;

  using Member = std::pair<std::string, Value>;
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  [[nodiscard]] const Value* find(std::string_view name) const;

 private:
  friend class BodyBuilder;
  [[nodiscard]] Result<void> add(std::string name, Value value);
  std::vector<Member> members_;
  NameSet names_;
};

}  // namespace chancery::json
