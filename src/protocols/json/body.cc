#include "protocols/json/body.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "protocols/json/body_builder.h"

namespace chancery::json {
namespace {

Error malformed(std::string_view detail) {
  return {Code::kMalformed, "failed to decode JSON input: " + std::string(detail), {}, {}};
}

Error too_large(std::string_view detail) {
  return {Code::kTooLarge, "failed to decode JSON input: " + std::string(detail), {}, {}};
}

Error duplicate(std::string_view name) {
  const std::string shown = printable(name, 64);
  return malformed("the name \"" + shown + "\" stands twice in one object").with("field", shown);
}

// explain turns the library's code into our words.
Error explain(const boost::json::error_code& code, std::size_t offset) {
  using boost::json::error;
  Error error = code == error::too_deep           ? too_large("nested deeper than 32 levels")
                : code == error::object_too_large ? too_large("an object has over 256 members")
                : code == error::array_too_large  ? too_large("a list has over 10000 items")
                : code == error::key_too_large    ? too_large("a name is over 1024 bytes")
                : code == error::incomplete       ? malformed("unexpected end of the text")
                : code == error::extra_data       ? malformed("there is more after the object")
                                                  : malformed(code.message());
  return std::move(error).with("offset", std::to_string(offset));
}

Result<std::string> decode_form_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const auto octet = parse_hex(text.substr(i + 1, 2));
      if (!octet || octet->size() != 1) return fail(Code::kMalformed, "form has a bad % escape");
      out.push_back(static_cast<char>(octet->front()));
      i += 2;
    }
  }
  return out;
}

}  // namespace

bool BodyBuilder::stop(Error error, ErrorCode& code) {
  error_ = std::move(error);
  code = boost::json::error::syntax;
  return false;
}

bool BodyBuilder::on_object_begin(ErrorCode& code) {
  if (depth_ == 1) {
    value_ = {Value::Kind::kObject, {}, {}};
    member_is_list_ = false;
  } else if (depth_ == 2) {
    value_.kind = Value::Kind::kOther;
  }
  if (++depth_ > 1) keys_.emplace_back();
  (void)code;
  return true;
}

bool BodyBuilder::on_array_begin(ErrorCode& code) {
  if (depth_ == 0) return stop(malformed("the body must be an object"), code);
  if (depth_ == 1) {
    value_ = {Value::Kind::kList, {}, {}};
    member_is_list_ = true;
  } else if (depth_ == 2) {
    value_.kind = Value::Kind::kOther;
  }
  ++depth_;
  keys_.emplace_back();
  return true;
}

bool BodyBuilder::leave(ErrorCode& code) {
  if (--depth_ > 0) keys_.pop_back();
  return depth_ != 1 || add_member(code);
}

bool BodyBuilder::on_key(Text part, std::size_t, ErrorCode& code) {
  gather(part);
  if (depth_ == 1) {
    name_ = text_;  // add_member refuses one that is there
  } else if (!keys_.back().insert(text_)) {
    return stop(duplicate(text_), code);
  } else if (depth_ == 2 && !member_is_list_) {
    value_.names.push_back(text_);
  }
  text_.clear();  // names are no secrets
  return true;
}

bool BodyBuilder::on_bool(bool value, ErrorCode& code) {
  if (depth_ == 1) {
    text_ = value ? "true" : "false";
  } else {
    text_ = value ? "1" : "0";
  }
  return scalar(Value::Kind::kBool, code);
}

bool BodyBuilder::scalar(Value::Kind kind, ErrorCode& code) {
  if (depth_ == 0) {
    if (kind == Value::Kind::kNull) return true;
    return stop(malformed("the body must be an object"), code);
  }
  std::string text = text_;
  kind == Value::Kind::kString ? wipe(text_) : text_.clear();
  if (depth_ == 1) {
    value_ = {kind, std::move(text), {}};
    return add_member(code);
  }
  if (depth_ != 2) return true;
  value_.items.push_back(std::move(text));
  return true;
}

bool BodyBuilder::add_member(ErrorCode& code) {
  auto added = body_.add(std::move(name_), std::move(value_));
  return added.has_value() || stop(std::move(added).error(), code);
}

Body::~Body() {
  for (Member& member : members_) {
    if (member.second.kind == Value::Kind::kString) wipe(member.second.text);
    for (std::string& item : member.second.items) wipe(item);
  }
}

Result<Body> Body::parse_json(std::string_view text) {
  if (trim(text).empty()) return Body{};
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<BodyBuilder> parser(options);
  parser.handler().expect_at_most(text.size());
  boost::json::error_code code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  if (auto error = parser.handler().take_error()) return std::unexpected(*std::move(error));
  if (code) return std::unexpected(explain(code, read));
  const std::string_view rest = trim(text.substr(read));
  if (!rest.empty()) return std::unexpected(explain(boost::json::error::extra_data, read));
  return parser.handler().take_body();
}

Result<Body> Body::parse_form(std::string_view text) {
  Body body;
  for (const std::string_view pair : split(text, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view after = equals == pair.npos ? "" : pair.substr(equals + 1);
    std::string name = TRY(decode_form_text(pair.substr(0, equals)));
    std::string value = TRY(decode_form_text(after));
    if (!is_valid_utf8(name) || !is_valid_utf8(value)) {
      return fail(Code::kMalformed, "form is not UTF-8");
    }
    TRY(body.add(std::move(name), {Value::Kind::kString, std::move(value), {}}));
  }
  return body;
}

Result<Body> Body::from_pairs(const std::vector<http::Header>& pairs) {
  Body body;
  for (const http::Header& pair : pairs) {
    TRY(body.add(pair.name, {Value::Kind::kString, pair.value, {}}));
  }
  return body;
}

Result<Body> Body::patched(const Body& patch) const {
  Body out;
  for (const Member& member : members_) {
    if (patch.find(member.first) == nullptr) TRY(out.add(member.first, member.second));
  }
  for (const Member& member : patch.members_) {
    if (member.second.kind != Value::Kind::kNull) TRY(out.add(member.first, member.second));
  }
  return out;
}

const Value* Body::find(std::string_view name) const {
  const auto it = std::ranges::find(members_, name, &Member::first);
  return it == members_.end() ? nullptr : &it->second;
}

Result<void> Body::add(std::string name, Value value) {
  if (!names_.insert(name)) return std::unexpected(duplicate(name));
  if (members_.size() == kMaxMembers) return fail(Code::kTooLarge, "over 256 fields");
  if (members_.empty()) members_.reserve(8);
  members_.emplace_back(std::move(name), std::move(value));
  return {};
}

}  // namespace chancery::json
