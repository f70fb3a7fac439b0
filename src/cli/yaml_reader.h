#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chancery::cli {

// YamlValue is one value of a YAML document. Lines count from 1.
struct YamlValue {
  enum class Kind { kNull, kBool, kInteger, kText, kList, kMap };
  struct Member;

  Kind kind = Kind::kNull;
  int line = 1;
  std::string text;  // of a scalar, as it stands
  std::vector<YamlValue> items;
  std::vector<Member> members;  // in their order

  [[nodiscard]] const YamlValue* find(std::string_view name) const;
};

struct YamlValue::Member {
  std::string name;
  int line = 1;
  YamlValue value;
};

inline constexpr std::size_t kMaxYamlBytes = std::size_t{4} * 1024 * 1024;
inline constexpr std::size_t kMaxYamlNodes = 100'000;
inline constexpr std::size_t kMaxYamlDepth = 32;

// read_yaml reads every document of a text, empty ones left out. Plain scalars are null, booleans
// and integers by YAML 1.2's core schema, else text; so "no" is a word. Aliases, tags other than
// those of the core schema, a key that stands twice and keys that are no scalars are refused.
// Errors: kMalformed, kTooLarge (bytes, nodes, depth); Error::where has the line.
[[nodiscard]] Result<std::vector<YamlValue>> read_yaml(std::string_view text);

// is_plain_text says that a text, written without quotes, would be read as that text.
[[nodiscard]] bool is_plain_text(std::string_view text);

}  // namespace chancery::cli
