#include "cli/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include "base/text.h"

namespace chancery::cli {
namespace {

using Kind = YamlValue::Kind;

// Leaves the library's parser, which knows no other way; caught in read_yaml.
struct Stop {
  Error error;
};

[[noreturn]] void stop(Code code, std::string detail, const YAML::Mark& mark) {
  throw Stop{Error{code, std::move(detail), {}, {}}.with("line", std::to_string(mark.line + 1))};
}

bool is_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

Kind kind_of_plain(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return Kind::kNull;
  }
  for (const std::string_view word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return Kind::kBool;
  }
  return is_integer(text) ? Kind::kInteger : Kind::kText;
}

// What a tag makes of a scalar; the library says "?" for plain and "!" for quoted ones.
Kind kind_of(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
  if (tag == "?" || tag.empty()) return kind_of_plain(text);
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return Kind::kText;
  stop(Code::kMalformed, "the tag " + printable(tag, 64) + " is not for this kind of file", mark);
}

// Builder turns the parser's events into values, within bounds: nothing is expanded, so the
// result is never larger than the text.
class Builder final : public YAML::EventHandler {
 public:
  [[nodiscard]] std::vector<YamlValue> take() { return std::exchange(documents_, {}); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    add(mark, value_at(mark, Kind::kNull));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(Code::kMalformed, "aliases (*name) are not allowed; write the value out", mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& text) override {
    YamlValue value = value_at(mark, kind_of(mark, tag, text));
    if (!is_valid_utf8(text)) stop(Code::kMalformed, "the text is not UTF-8", mark);
    value.text = text;
    add(mark, std::move(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, Kind::kList);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, Kind::kMap);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    YamlValue value;
    bool has_key = false;
    YamlValue::Member member;  // whose value is awaited
  };

  YamlValue value_at(const YAML::Mark& mark, Kind kind) {
    if (++nodes_ > kMaxYamlNodes) stop(Code::kTooLarge, "over 100000 values in one text", mark);
    YamlValue value;
    value.kind = kind;
    value.line = mark.line + 1;
    return value;
  }

  void open(const YAML::Mark& mark, const std::string& tag, Kind kind) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      stop(Code::kMalformed, "the tag " + printable(tag, 64) + " is not for this kind of file",
           mark);
    }
    if (levels_.size() >= kMaxYamlDepth) {
      stop(Code::kTooLarge, "nested deeper than 32 levels", mark);
    }
    const bool as_key =
        !levels_.empty() && levels_.back().value.kind == Kind::kMap && !levels_.back().has_key;
    if (as_key) stop(Code::kMalformed, "a key must be a word", mark);
    Level level;
    level.value = value_at(mark, kind);
    levels_.push_back(std::move(level));
  }

  void close() {
    YamlValue value = std::move(levels_.back().value);
    levels_.pop_back();
    put(std::move(value));
  }

  void add(const YAML::Mark& mark, YamlValue value) {
    if (!levels_.empty() && levels_.back().value.kind == Kind::kMap && !levels_.back().has_key) {
      take_key(mark, value);
      return;
    }
    put(std::move(value));
  }

  void take_key(const YAML::Mark& mark, const YamlValue& key) {
    Level& level = levels_.back();
    if (level.value.members.size() >= 1000) {
      stop(Code::kTooLarge, "over 1000 keys in one map", mark);
    }
    if (key.text.empty()) stop(Code::kMalformed, "a key must be a word", mark);
    if (level.value.find(key.text) != nullptr) {
      stop(Code::kMalformed, "the key \"" + printable(key.text, 64) + "\" stands twice", mark);
    }
    level.member = {key.text, key.line, {}};
    level.has_key = true;
  }

  void put(YamlValue value) {
    if (levels_.empty()) {
      if (value.kind != Kind::kNull) documents_.push_back(std::move(value));
      return;
    }
    Level& level = levels_.back();
    if (level.value.kind == Kind::kList) {
      level.value.items.push_back(std::move(value));
      return;
    }
    level.member.value = std::move(value);
    level.value.members.push_back(std::exchange(level.member, {}));
    level.has_key = false;
  }

  std::vector<YamlValue> documents_;
  std::vector<Level> levels_;
  std::size_t nodes_ = 0;
};

}  // namespace

const YamlValue* YamlValue::find(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &Member::name);
  return found == members.end() ? nullptr : &found->value;
}

bool is_plain_text(std::string_view text) { return kind_of_plain(text) == Kind::kText; }

Result<std::vector<YamlValue>> read_yaml(std::string_view text) {
  if (text.size() > kMaxYamlBytes) {
    return fail(Code::kTooLarge, "the text is over 4 MiB; give it in several files");
  }
  std::istringstream in{std::string(text)};
  Builder builder;
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Stop& stopped) {
    return std::unexpected(std::move(stopped.error));
  } catch (const YAML::Exception& error) {
    return std::unexpected(
        Error{Code::kMalformed, "not YAML: " + printable(error.msg, 200), {}, {}}.with(
            "line", std::to_string(error.mark.line + 1)));
  }
  return builder.take();
}

}  // namespace chancery::cli
