#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chancery::json {

// Writer builds one JSON text front to back: commas and escapes are its business, balance is the
// caller's. Text that is not UTF-8 loses its upper half to '?'. It copies a value nowhere but into
// the text, so a caller with secrets reserves enough and wipes its own copies. Not thread-safe.
class Writer {
 public:
  explicit Writer(std::size_t reserve = 1024) { out_.reserve(reserve); }

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }

  // key writes a member's name; a value must follow.
  Writer& key(std::string_view name);
  Writer& string(std::string_view text);
  Writer& boolean(bool value) { return literal(value ? "true" : "false"); }
  Writer& null() { return literal("null"); }
  Writer& number(std::int64_t value);
  // raw puts in a text that is JSON already.
  Writer& raw(std::string_view json) { return literal(json); }

  Writer& field(std::string_view name, std::string_view text) { return key(name).string(text); }
  Writer& field(std::string_view name, const char* text) { return key(name).string(text); }
  Writer& field(std::string_view name, const std::vector<std::string>& texts);
  template <std::same_as<bool> T>
  Writer& field(std::string_view name, T value) {
    return key(name).boolean(value);
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Writer& field(std::string_view name, T value) {
    return key(name).number(static_cast<std::int64_t>(value));
  }

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& literal(std::string_view text);
  void separate() {
    if (comma_) out_.push_back(',');
  }

  std::string out_;
  bool comma_ = false;
};

}  // namespace chancery::json
