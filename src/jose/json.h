#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chancery::jose {

// Json is one value of a document as it came: numbers keep their digits. Value.
struct Json {
  struct Member;
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string text;  // "true", "12.5", or the string itself
  std::vector<Json> items;
  std::vector<Member> members;  // in their order; no name stands twice

  // find returns a member of an object, or null.
  [[nodiscard]] const Json* find(std::string_view name) const;
  // string returns a member that is a string, or null.
  [[nodiscard]] const std::string* string(std::string_view name) const;
  [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
};

struct Json::Member {
  std::string name;
  Json value;
};

// What a document may cost, whatever its sender wants.
struct JsonLimits {
  std::size_t bytes = std::size_t{64} * 1024;
  std::size_t depth = 8;
  std::size_t values = 8192;  // of the whole document
  std::size_t members = 128;  // of one object
};

// parse_json reads one RFC 8259 document strictly: UTF-8, no name twice in an object, nothing
// behind it. Errors: kMalformed, kTooLarge.
[[nodiscard]] Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});
// parse_json_object wants an object.
[[nodiscard]] Result<Json> parse_json_object(std::string_view text, const JsonLimits& limits = {});

}  // namespace chancery::jose
