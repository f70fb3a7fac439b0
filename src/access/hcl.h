#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace chancery::access::hcl {

struct Item;

// Value is one value of a document. Numbers keep their digits.
struct Value {
  struct Number {
    std::string digits;
  };
  using List = std::vector<Value>;
  using Object = std::vector<Item>;
  std::variant<bool, Number, std::string, List, Object> content;

  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&content); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&content); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&content); }
};

// Item is `key = value` or `key "label" { ... }`; the labels are further keys.
struct Item {
  std::vector<std::string> keys;
  Value value;
  unsigned line = 0;
};

inline constexpr std::size_t kMaxSize = std::size_t{512} * 1024;
inline constexpr unsigned kMaxDepth = 16;
inline constexpr std::size_t kMaxItems = 20'000;

// parse reads a document of HCL 1 (the language of Vault's policies) or, when it begins with '{',
// of JSON, whose objects become items with one key each (a name that stands twice: two items). Not
// read: heredocs and interpolation. Pure. Errors: kMalformed with the line in Error::where;
// kTooLarge (size, depth, items).
[[nodiscard]] Result<Value::Object> parse(std::string_view text);

}  // namespace chancery::access::hcl
