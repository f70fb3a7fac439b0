#include "protocols/json/field_reader.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "protocols/json/go_duration.h"

namespace chancery::json {
namespace {

using Kind = Value::Kind;

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "a boolean";
    case Kind::kNumber:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kList:
      return "a list";
    case Kind::kObject:
    case Kind::kOther:
      return "a nested value";
  }
  return "unknown";
}

// What Go calls the type of a JSON value.
std::string_view go_name_of(Kind kind) {
  return kind == Kind::kList ? "[]interface {}" : "map[string]interface {}";
}

bool is_nested(Kind kind) { return kind == Kind::kObject || kind == Kind::kOther; }

// parse_bool takes what Go's strconv.ParseBool takes.
std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False", ""}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

}  // namespace

const Value* FieldReader::take(std::string_view name) {
  const auto& members = body_.members();
  const auto it = std::ranges::find(members, name, &Body::Member::first);
  if (it == members.end()) return nullptr;
  asked_[static_cast<std::size_t>(it - members.begin())] = true;
  return it->second.kind == Kind::kNull ? nullptr : &it->second;
}

void FieldReader::refuse(std::string_view name, std::string_view why) {
  std::string detail = "error converting input for field \"" + std::string(name) + "\": ";
  detail += why;
  refuse_with(name, {Code::kInvalidArgument, std::move(detail), {}, {}});
}

void FieldReader::refuse_with(std::string_view name, Error error) {
  if (error_) return;
  const auto names_field = [](const Context& step) { return step.key == "field"; };
  if (std::ranges::none_of(error.where, names_field)) {
    error.where.push_back({"field", std::string(name)});
  }
  error_ = std::move(error);
}

// The text is what Vault's library says; the hint is for people.
void FieldReader::refuse_kind(std::string_view name, std::string_view wanted, Kind kind) {
  refuse_hinted(name,
                "'' expected type '" + std::string(wanted) + "', got unconvertible type '" +
                    std::string(go_name_of(kind)) + "'",
                "it is " + std::string(name_of(kind)));
}

void FieldReader::refuse_hinted(std::string_view name, std::string_view why, std::string hint) {
  Error error{Code::kInvalidArgument,
              "error converting input for field \"" + std::string(name) + "\": " + std::string(why),
              {},
              {}};
  refuse_with(name, std::move(error).with("hint", hint));
}

bool FieldReader::has(std::string_view name) { return take(name) != nullptr; }

bool FieldReader::is_text(std::string_view name) {
  const Value* value = take(name);
  return value != nullptr && value->kind == Kind::kString;
}

std::string FieldReader::text(std::string_view name, std::string_view otherwise) {
  const Value* value = take(name);
  if (value == nullptr) return std::string(otherwise);
  if (value->kind == Kind::kBool) return value->text == "true" ? "1" : "0";
  if (value->kind == Kind::kString || value->kind == Kind::kNumber) return value->text;
  refuse_kind(name, "string", value->kind);
  return std::string(otherwise);
}

bool FieldReader::flag(std::string_view name, bool otherwise) {
  const Value* value = take(name);
  if (value == nullptr) return otherwise;
  if (value->kind == Kind::kList || is_nested(value->kind)) {
    refuse_kind(name, "bool", value->kind);
    return otherwise;
  }
  if (const auto parsed = parse_bool(value->text)) return *parsed;
  refuse_hinted(name, "'' cannot parse value as 'bool': strconv.ParseBool: invalid syntax",
                "it is \"" + printable(value->text, 64) + "\"");
  return otherwise;
}

std::int64_t FieldReader::integer(std::string_view name, std::int64_t otherwise) {
  const Value* value = take(name);
  if (value == nullptr) return otherwise;
  if (value->kind == Kind::kList || is_nested(value->kind)) {
    refuse_kind(name, "int", value->kind);
    return otherwise;
  }
  if (value->kind == Kind::kBool) return value->text == "true" ? 1 : 0;
  if (value->text.empty()) return 0;
  if (const auto number = parse_integer(value->text)) return *number;
  const std::size_t sign = value->text.front() == '-' || value->text.front() == '+' ? 1 : 0;
  const bool digits = value->text.size() > sign &&
                      value->text.find_first_not_of("0123456789", sign) == std::string::npos;
  refuse_hinted(name,
                std::string("'' cannot parse value as 'int': strconv.ParseInt: ") +
                    (digits ? "value out of range" : "invalid syntax"),
                "it is \"" + printable(value->text, 64) + "\"");
  return otherwise;
}

seconds FieldReader::duration(std::string_view name, seconds otherwise) {
  const Value* value = take(name);
  if (value == nullptr) return otherwise;
  if (value->kind != Kind::kString && value->kind != Kind::kNumber) {
    refuse(name, "could not parse duration from input");
    return otherwise;
  }
  const std::string_view text = trim(value->text);
  if (text.empty()) return seconds{0};
  if (text.front() == '-') {
    const auto positive = parse_duration(text.substr(1));
    const std::string shown =
        positive ? "-" + std::to_string(positive->count()) : printable(text, 64);
    refuse(name, "cannot provide negative value '" + shown + "'");
    return otherwise;
  }
  const auto parsed = parse_duration(text);
  if (parsed) return *parsed;
  refuse(name, go_duration_error(text));
  return otherwise;
}

std::vector<std::string> FieldReader::list(std::string_view name,
                                           std::vector<std::string> otherwise) {
  const Value* value = take(name);
  if (value == nullptr) return otherwise;
  if (is_nested(value->kind)) {
    refuse(name, "expected a list of strings, got a nested value");
    return otherwise;
  }
  if (value->kind == Kind::kList) return value->items;
  std::vector<std::string> items;
  if (value->text.empty()) return items;
  for (const std::string_view item : split(value->text, ',')) items.emplace_back(trim(item));
  return items;
}

std::vector<std::pair<std::string, std::string>> FieldReader::pairs(std::string_view name) {
  const Value* value = take(name);
  if (value == nullptr) return {};
  if (value->kind != Kind::kObject) {
    refuse_kind(name, "map", value->kind);
    return {};
  }
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t i = 0; i < value->items.size(); ++i)
    out.emplace_back(value->names[i], value->items[i]);
  return out;
}

std::optional<TimePoint> FieldReader::time(std::string_view name) {
  const std::string given = text(name);
  if (given.empty()) return std::nullopt;
  const auto parsed = parse_rfc3339(given);
  if (parsed) return *parsed;
  refuse(name, "cannot parse \"" + printable(given, 64) +
                   "\" as a time such as 2026-11-21T10:00:00Z (RFC 3339)");
  return std::nullopt;
}

Result<std::vector<std::string>> FieldReader::finish() {
  if (error_) return std::unexpected(*std::move(error_));
  std::vector<std::string> unknown;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    if (!asked_[i]) unknown.push_back(printable(body_.members()[i].first, 64));
  }
  std::ranges::sort(unknown);
  return unknown;
}

}  // namespace chancery::json
