#include "access/hcl.h"

#include <charconv>

#include "base/text.h"

namespace chancery::access::hcl {
namespace {

bool is_key_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_key_part(char c) { return is_key_start(c) || is_digit(c) || c == '-' || c == '.'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Value::Object> document() {
    TRY(skip());
    json_ = peek() == '{';
    if (json_) take();
    auto items = TRY(object_items(json_, 0));
    TRY(skip());
    if (!at_end()) return error("text after the end of the document");
    return items;
  }

 private:
  [[nodiscard]] std::unexpected<Error> error(std::string_view what,
                                             Code code = Code::kMalformed) const {
    return std::unexpected(
        Error{code, std::string(what), {}, {}}.with("line", std::to_string(line_)));
  }

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  [[nodiscard]] bool starts(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }
  char take() {
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    return c;
  }

  // skip passes white space and comments.
  Result<void> skip() {
    while (!at_end()) {
      if (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') {
        take();
      } else if (peek() == '#' || starts("//")) {
        while (!at_end() && peek() != '\n') take();
      } else if (starts("/*")) {
        const auto end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return error("comment not terminated");
        while (at_ < end + 2) take();
      } else {
        break;
      }
    }
    return {};
  }

  Result<Value::Object> object_items(bool closed, unsigned depth) {
    if (depth > kMaxDepth) return error("nested too deeply", Code::kTooLarge);
    Value::Object items;
    while (true) {
      TRY(skip());
      if (peek() == ',' && !items.empty()) {
        take();
        TRY(skip());
      }
      if (at_end()) {
        if (closed) return error("object expected closing RBRACE got: EOF");
        return items;
      }
      if (closed && peek() == '}') {
        take();
        return items;
      }
      if (++items_ > kMaxItems) return error("too many items", Code::kTooLarge);
      auto one = TRY(item(depth));
      items.push_back(std::move(one));
    }
  }

  Result<Item> item(unsigned depth) {
    Item result;
    result.line = line_;
    while (true) {
      auto one = TRY(key());
      result.keys.push_back(std::move(one));
      if (result.keys.size() > 8) return error("too many labels", Code::kTooLarge);
      TRY(skip());
      if (peek() == (json_ ? ':' : '=')) {
        if (result.keys.size() > 1) return error("a key with labels needs an object");
        take();
        TRY(skip());
        result.value = TRY(value(depth + 1));
        return result;
      }
      if (peek() == '{') {
        result.value = TRY(value(depth + 1));
        return result;
      }
      if (at_end()) return error("a key without a value");
    }
  }

  Result<std::string> key() {
    if (peek() == '"') return string();
    if (!is_key_start(peek())) {
      return error("expected a key, found " + std::string(at_end() ? "the end" : "'") +
                   (at_end() ? "" : printable(text_.substr(at_, 1)) + "'"));
    }
    const std::size_t start = at_;
    while (is_key_part(peek())) take();
    return std::string(text_.substr(start, at_ - start));
  }

  Result<Value> value(unsigned depth) {
    if (depth > kMaxDepth) return error("nested too deeply", Code::kTooLarge);
    if (peek() == '"') {
      auto text = TRY(string());
      return Value{std::move(text)};
    }
    if (peek() == '[') return list(depth);
    if (peek() == '{') {
      take();
      auto items = TRY(object_items(/*closed=*/true, depth));
      return Value{std::move(items)};
    }
    if (is_digit(peek()) || peek() == '-') return number();
    if (starts("<<")) return error("heredocs are not read; write the text in double quotes");
    const std::size_t start = at_;
    while (is_key_part(peek())) take();
    const std::string_view word = text_.substr(start, at_ - start);
    if (word == "true") return Value{true};
    if (word == "false") return Value{false};
    return error("expected a value: text in double quotes, a number, true, false, [ or {");
  }

  Result<Value> list(unsigned depth) {
    take();
    Value::List list;
    while (true) {
      TRY(skip());
      if (peek() == ']') {
        take();
        return Value{std::move(list)};
      }
      if (at_end()) return error("list not terminated");
      if (++items_ > kMaxItems) return error("too many items", Code::kTooLarge);
      auto one = TRY(value(depth + 1));
      list.push_back(std::move(one));
      TRY(skip());
      if (peek() == ',') {
        take();
      } else if (peek() != ']') {
        return error("error parsing list, expected comma or list end");
      }
    }
  }

  Result<Value> number() {
    const std::size_t start = at_;
    if (peek() == '-') take();
    while (is_digit(peek()) || peek() == '.') take();
    const std::string_view digits = text_.substr(start, at_ - start);
    if (!is_digit(digits.back())) return error("not a number");
    return Value{Value::Number{std::string(digits)}};
  }

  Result<std::string> string() {
    take();
    std::string out;
    while (true) {
      if (at_end() || peek() == '\n') return error("literal not terminated");
      const char c = take();
      if (c == '"') break;
      if (c == '\\') {
        TRY(escape(out));
      } else {
        out += c;
      }
    }
    if (!is_valid_utf8(out)) return error("text is not UTF-8");
    return out;
  }

  Result<void> escape(std::string& out) {
    switch (at_end() ? '\0' : take()) {
      case 'n':
        out += '\n';
        return {};
      case 't':
        out += '\t';
        return {};
      case 'r':
        out += '\r';
        return {};
      case '"':
        out += '"';
        return {};
      case '/':
        out += '/';
        return {};
      case '\\':
        out += '\\';
        return {};
      case 'u':
        return code_point(out);
      default:
        return error("illegal char escape");
    }
  }

  // Characters outside the basic plane stand for themselves in a policy; as escapes they are
  // surrogates, which is_valid_utf8 refuses.
  Result<void> code_point(std::string& out) {
    const std::string_view digits = text_.substr(at_, 4);
    unsigned code = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() != 4 || failed != std::errc{} || end != digits.data() + 4)
      return error("illegal char escape");
    at_ += 4;
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      out += static_cast<char>(0xe0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (code & 0x3f));
    }
    return {};
  }

  std::string_view text_;
  bool json_ = false;
  std::size_t at_ = 0;
  unsigned line_ = 1;
  std::size_t items_ = 0;
};

}  // namespace

Result<Value::Object> parse(std::string_view text) {
  if (text.size() > kMaxSize) return fail(Code::kTooLarge, "policy is too large");
  if (!is_valid_utf8(text)) return fail(Code::kMalformed, "text is not UTF-8");
  return Parser(text).document();
}

}  // namespace chancery::access::hcl
