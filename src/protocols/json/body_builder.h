#pragma once

// Internal to this folder: receives Boost.JSON's parse events and builds a Body of them.

#include <boost/json/basic_parser_impl.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/secret_bytes.h"
#include "protocols/json/body.h"

namespace chancery::json {

class BodyBuilder {
 public:
  BodyBuilder() = default;
  BodyBuilder(const BodyBuilder&) = delete;
  BodyBuilder& operator=(const BodyBuilder&) = delete;
  ~BodyBuilder() { wipe(text_); }  // of what stopped in its middle

  using Text = boost::json::string_view;
  using ErrorCode = boost::json::error_code;

  static constexpr std::size_t max_object_size = Body::kMaxMembers;
  static constexpr std::size_t max_array_size = Body::kMaxItems;
  static constexpr std::size_t max_key_size = 1024;
  static constexpr std::size_t max_string_size = 16 * 1024 * 1024;

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_object_begin(ErrorCode& code);
  bool on_object_end(std::size_t, ErrorCode& code) { return leave(code); }
  bool on_array_begin(ErrorCode& code);
  bool on_array_end(std::size_t, ErrorCode& code) { return leave(code); }
  bool on_key_part(Text part, std::size_t, ErrorCode&) { return gather(part); }
  bool on_key(Text part, std::size_t, ErrorCode& code);
  bool on_string_part(Text part, std::size_t, ErrorCode&) { return gather(part); }
  bool on_string(Text part, std::size_t, ErrorCode& code) {
    return gather(part) && scalar(Value::Kind::kString, code);
  }
  bool on_number_part(Text part, ErrorCode&) { return gather(part); }
  bool on_int64(std::int64_t, Text part, ErrorCode& code) { return number(part, code); }
  bool on_uint64(std::uint64_t, Text part, ErrorCode& code) { return number(part, code); }
  bool on_double(double, Text part, ErrorCode& code) { return number(part, code); }
  bool on_bool(bool value, ErrorCode& code);
  bool on_null(ErrorCode& code) { return scalar(Value::Kind::kNull, code); }
  bool on_comment_part(Text, ErrorCode&) { return true; }
  bool on_comment(Text, ErrorCode&) { return true; }

  // expect_at_most makes room for texts of that size, so that none moves while it grows and leaves
  // a piece behind.
  void expect_at_most(std::size_t size) { text_.reserve(size); }
  // take_error gives the refusal that stopped the parser, if it was one of ours.
  [[nodiscard]] std::optional<Error> take_error() { return std::move(error_); }
  [[nodiscard]] Body take_body() { return std::move(body_); }

 private:
  bool gather(Text part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool number(Text part, ErrorCode& code) {
    return gather(part) && scalar(Value::Kind::kNumber, code);
  }
  bool scalar(Value::Kind kind, ErrorCode& code);
  bool leave(ErrorCode& code);
  bool add_member(ErrorCode& code);
  bool stop(Error error, ErrorCode& code);

  Body body_;
  std::string text_;  // of the token under way
  std::string name_;  // of the top member under way
  Value value_;
  bool member_is_list_ = false;
  std::size_t depth_ = 0;      // open objects and lists
  std::vector<NameSet> keys_;  // of every open object below the top; empty for a list
  std::optional<Error> error_;
};

}  // namespace chancery::json
