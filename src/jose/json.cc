#include "jose/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <optional>

#include "base/text.h"

namespace chancery::jose {
namespace {

// A JWS has three members, its protected header four.
constexpr std::size_t kUsualMembers = 4;

// Builder receives the parser's events and makes the tree; it stops at the first thing amiss.
class Builder {
 public:
  using Text = boost::json::string_view;
  using ErrorCode = boost::json::error_code;

  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = 256;
  static constexpr std::size_t max_string_size = std::size_t{16} * 1024 * 1024;

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_object_begin(ErrorCode& code) { return enter(Json::Kind::kObject, code); }
  bool on_object_end(std::size_t, ErrorCode&) { return leave(); }
  bool on_array_begin(ErrorCode& code) { return enter(Json::Kind::kArray, code); }
  bool on_array_end(std::size_t, ErrorCode&) { return leave(); }
  bool on_key_part(Text part, std::size_t, ErrorCode&) { return gather(part); }
  bool on_key(Text part, std::size_t, ErrorCode& code) {
    gather(part);
    Json& object = *open_.back();
    if (object.members.size() >= limits_->members)
      return stop(Code::kTooLarge, "an object has too many members", code);
    if (object.find(text_) != nullptr)
      return stop(Code::kMalformed, "the name " + printable(text_, 64) + " stands twice", code);
    object.members.push_back({std::move(text_), Json{}});
    text_.clear();
    return true;
  }
  bool on_string_part(Text part, std::size_t, ErrorCode&) { return gather(part); }
  bool on_string(Text part, std::size_t, ErrorCode& code) {
    gather(part);
    return scalar(Json::Kind::kString, code);
  }
  bool on_number_part(Text part, ErrorCode&) { return gather(part); }
  bool on_int64(std::int64_t, Text part, ErrorCode& code) { return number(part, code); }
  bool on_uint64(std::uint64_t, Text part, ErrorCode& code) { return number(part, code); }
  bool on_double(double, Text part, ErrorCode& code) { return number(part, code); }
  bool on_bool(bool value, ErrorCode& code) {
    text_ = value ? "true" : "false";
    return scalar(Json::Kind::kBool, code);
  }
  bool on_null(ErrorCode& code) { return scalar(Json::Kind::kNull, code); }
  bool on_comment_part(Text, ErrorCode&) { return true; }
  bool on_comment(Text, ErrorCode&) { return true; }

  void use(const JsonLimits& limits) { limits_ = &limits; }
  [[nodiscard]] std::optional<Error> take_error() { return std::move(error_); }
  [[nodiscard]] Json take() { return std::move(root_); }

 private:
  bool gather(Text part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool number(Text part, ErrorCode& code) {
    gather(part);
    return scalar(Json::Kind::kNumber, code);
  }
  // place makes room for the next value where it belongs.
  Json* place(ErrorCode& code) {
    if (++values_ > limits_->values) {
      stop(Code::kTooLarge, "the document has too many values", code);
      return nullptr;
    }
    if (open_.empty()) return &root_;
    Json& parent = *open_.back();
    if (parent.kind == Json::Kind::kObject) return &parent.members.back().value;
    return &parent.items.emplace_back();
  }
  bool scalar(Json::Kind kind, ErrorCode& code) {
    Json* const value = place(code);
    if (value == nullptr) return false;
    value->kind = kind;
    value->text = std::move(text_);
    text_.clear();
    return true;
  }
  // An open value does not move: its parent gets no further child before it is closed.
  bool enter(Json::Kind kind, ErrorCode& code) {
    Json* const value = place(code);
    if (value == nullptr) return false;
    value->kind = kind;
    if (kind == Json::Kind::kObject) value->members.reserve(kUsualMembers);
    open_.push_back(value);
    return true;
  }
  bool leave() {
    open_.pop_back();
    return true;
  }
  bool stop(Code kind, std::string detail, ErrorCode& code) {
    error_ = Error{kind, std::move(detail), {}, {}};
    code = boost::json::error::syntax;
    return false;
  }

  const JsonLimits* limits_ = nullptr;
  Json root_;
  std::vector<Json*> open_;
  std::string text_;
  std::size_t values_ = 0;
  std::optional<Error> error_;
};

}  // namespace

const Json* Json::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(members, [&](const auto& member) { return member.name == name; });
  return found == members.end() ? nullptr : &found->value;
}

const std::string* Json::string(std::string_view name) const {
  const Json* const member = find(name);
  return member != nullptr && member->is(Kind::kString) ? &member->text : nullptr;
}

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes) return fail(Code::kTooLarge, "the JSON text is too long");
  boost::json::parse_options options;
  options.max_depth = limits.depth;
  boost::json::basic_parser<Builder> parser(options);
  parser.handler().use(limits);
  boost::json::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (auto error = parser.handler().take_error()) return std::unexpected(*std::move(error));
  if (code == boost::json::error::too_deep)
    return fail(Code::kTooLarge, "the JSON text is nested too deeply");
  if (code || used != text.size()) {
    return std::unexpected(
        Error{Code::kMalformed, "this is not JSON", {}, {}}.with("offset", std::to_string(used)));
  }
  return parser.handler().take();
}

Result<Json> parse_json_object(std::string_view text, const JsonLimits& limits) {
  Json value = TRY(parse_json(text, limits));
  if (!value.is(Json::Kind::kObject)) return fail(Code::kMalformed, "this is no JSON object");
  return value;
}

}  // namespace chancery::jose
