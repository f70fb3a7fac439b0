#include "access/policy.h"

#include <algorithm>
#include <array>
#include <utility>

#include "access/hcl.h"
#include "base/text.h"

namespace chancery::access {
namespace {

using Bit = Capabilities::Bit;

constexpr std::size_t kMaxPaths = 4096;
constexpr std::size_t kMaxPathSize = 1024;

// In the order of the alphabet.
constexpr std::array<std::pair<std::string_view, Bit>, 9> kNames{{
    {"create", Bit::kCreate},
    {"delete", Bit::kDelete},
    {"deny", Bit::kDeny},
    {"list", Bit::kList},
    {"patch", Bit::kPatch},
    {"read", Bit::kRead},
    {"scan", Bit::kScan},
    {"sudo", Bit::kSudo},
    {"update", Bit::kUpdate},
}};

std::unexpected<Error> refuse(std::string_view what) {
  return std::unexpected(
      Error{Code::kInvalidArgument, "failed to parse policy: " + std::string(what), {}, {}}.with(
          "field", "policy"));
}

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

// One path's block on its way into a rule.
class RuleReader {
 public:
  explicit RuleReader(std::string path) : path_(std::move(path)) {}

  Result<PathRule> read(const hcl::Value::Object& items) {
    TRY(read_pattern());
    for (const hcl::Item& item : items) {
      if (item.keys.size() != 1)
        return invalid(item, "invalid key " + in_quotes(item.keys.front()));
      TRY(read_item(item));
    }
    return std::move(rule_);
  }

  [[nodiscard]] bool needs_wrapping() const { return needs_wrapping_; }

 private:
  [[nodiscard]] std::unexpected<Error> invalid(const hcl::Item& item, std::string_view what) const {
    return refuse("path " + in_quotes(path_) + ": 1 error occurred:\n\t* " + std::string(what) +
                  " on line " + std::to_string(item.line) + "\n\n");
  }
  // OpenBao names the path twice.
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view what) const {
    const std::string place = "path " + in_quotes(path_) + ": ";
    return refuse(place + place + std::string(what));
  }

  Result<void> read_pattern() {
    std::string_view pattern = path_;
    if (pattern.size() > kMaxPathSize) return refuse("path is too long");
    if (pattern.contains("+*")) return wrong("invalid use of wildcards ('+*' is forbidden)");
    if (pattern.starts_with('/')) pattern.remove_prefix(1);
    if (pattern.ends_with('*')) {
      rule_.prefix = true;
      pattern.remove_suffix(1);
    }
    rule_.segments = pattern == "+" || pattern.contains("/+") || pattern.starts_with("+/");
    rule_.pattern = pattern;
    return {};
  }

  Result<void> read_item(const hcl::Item& item) {
    const std::string& key = item.keys.front();
    if (key == "capabilities") return read_capabilities(item);
    if (key == "policy") return read_shorthand(item);
    if (key == "allowed_parameters") return read_parameters(item, rule_.allowed_parameters);
    if (key == "denied_parameters") return read_parameters(item, rule_.denied_parameters);
    if (key == "required_parameters") return read_required(item);
    if (key == "min_wrapping_ttl" || key == "max_wrapping_ttl") {
      needs_wrapping_ = true;
      return {};
    }
    if (key == "comment") return {};
    return invalid(item, "invalid key " + in_quotes(key));
  }

  Result<void> read_capabilities(const hcl::Item& item) {
    const auto* list = item.value.list();
    if (list == nullptr) return invalid(item, "capabilities must be a list of names");
    for (const hcl::Value& one : *list) {
      const std::string* name = one.text();
      if (name == nullptr) return invalid(item, "capabilities must be a list of names");
      const auto bit = parse_capability(*name);
      if (!bit) return wrong("invalid capability " + in_quotes(*name));
      Capabilities added;
      added.add(*bit);
      rule_.capabilities.merge(added);
    }
    return {};
  }

  // `policy = "read"`: the way of old policies.
  Result<void> read_shorthand(const hcl::Item& item) {
    const std::string* word = item.value.text();
    if (word == nullptr) return invalid(item, "policy must be a text");
    if (*word == "deny") {
      rule_.capabilities.add(Bit::kDeny);
      return {};
    }
    if (*word != "read" && *word != "write" && *word != "sudo")
      return wrong("invalid policy " + in_quotes(*word));
    rule_.capabilities.add(Bit::kRead);
    rule_.capabilities.add(Bit::kList);
    if (*word == "read") return {};
    rule_.capabilities.add(Bit::kCreate);
    rule_.capabilities.add(Bit::kUpdate);
    rule_.capabilities.add(Bit::kDelete);
    if (*word == "sudo") rule_.capabilities.add(Bit::kSudo);
    return {};
  }

  Result<void> read_parameters(const hcl::Item& item, std::vector<ParameterRule>& rules) {
    const auto* object = item.value.object();
    if (object == nullptr)
      return invalid(item, in_quotes(item.keys.front()) + " must be an object");
    for (const hcl::Item& one : *object) {
      const auto* list = one.value.list();
      if (one.keys.size() != 1 || list == nullptr)
        return invalid(one, "each parameter needs a list of values");
      ParameterRule rule;
      rule.name = to_lower(one.keys.front());
      for (const hcl::Value& value : *list) {
        auto text = TRY(scalar(one, value));
        rule.values.push_back(std::move(text));
      }
      rules.push_back(std::move(rule));
    }
    return {};
  }

  Result<std::string> scalar(const hcl::Item& item, const hcl::Value& value) const {
    if (const std::string* text = value.text()) return *text;
    if (const auto* number = std::get_if<hcl::Value::Number>(&value.content)) return number->digits;
    if (const bool* truth = std::get_if<bool>(&value.content))
      return std::string(*truth ? "true" : "false");
    return invalid(item, "a value must be a text, a number or true or false");
  }

  Result<void> read_required(const hcl::Item& item) {
    const auto* list = item.value.list();
    if (list == nullptr) return invalid(item, "required_parameters must be a list of names");
    for (const hcl::Value& one : *list) {
      if (one.text() == nullptr)
        return invalid(item, "required_parameters must be a list of names");
      rule_.required_parameters.push_back(to_lower(*one.text()));
    }
    return {};
  }

  std::string path_;
  PathRule rule_;
  bool needs_wrapping_ = false;
};

class PolicyReader {
 public:
  PolicyReader(Policy& policy, std::vector<std::string>* warnings)
      : policy_(policy), warnings_(warnings) {}

  Result<void> read(const hcl::Value::Object& document) {
    for (const hcl::Item& item : document) {
      const std::string& key = item.keys.front();
      if (key == "path") {
        TRY(read_path(item));
      } else if (key != "name") {
        return refuse("1 error occurred:\n\t* invalid key " + in_quotes(key) + " on line " +
                      std::to_string(item.line) + "\n\n");
      }
    }
    return {};
  }

 private:
  // HCL's `path "a" { ... }` has the path as a label; JSON's {"path": {"a": {...}}} as a key of the
  // object.
  Result<void> read_path(const hcl::Item& item) {
    const auto* object = item.value.object();
    if (object == nullptr || item.keys.size() > 2)
      return refuse("path must be followed by its name and a block on line " +
                    std::to_string(item.line));
    if (item.keys.size() == 2) return add(item.keys[1], *object);
    for (const hcl::Item& one : *object) {
      if (one.keys.size() != 1 || one.value.object() == nullptr)
        return refuse("path must be followed by its name and a block");
      TRY(add(one.keys.front(), *one.value.object()));
    }
    return {};
  }

  Result<void> add(const std::string& path, const hcl::Value::Object& items) {
    if (policy_.rules.size() == kMaxPaths) return refuse("too many paths");
    RuleReader reader(path);
    auto rule = TRY(reader.read(items));
    if (path.contains("{{")) {
      warn("path " + in_quotes(path) + " has an identity template: it matches nothing here");
      return {};
    }
    if (reader.needs_wrapping()) {
      warn("path " + in_quotes(path) +
           " asks for wrapped answers, which there are none of here: it denies");
      rule.capabilities.merge(denied());
    }
    policy_.rules.push_back(std::move(rule));
    return {};
  }

  static Capabilities denied() {
    Capabilities capabilities;
    capabilities.add(Bit::kDeny);
    return capabilities;
  }

  void warn(std::string text) const {
    if (warnings_ != nullptr) warnings_->push_back(std::move(text));
  }

  Policy& policy_;
  std::vector<std::string>* warnings_;
};

}  // namespace

void Capabilities::merge(Capabilities other) {
  bits_ = static_cast<std::uint16_t>(bits_ | other.bits_);
  if (has(Bit::kDeny)) bits_ = static_cast<std::uint16_t>(Bit::kDeny);
}

std::vector<std::string> Capabilities::names() const {
  std::vector<std::string> out;
  for (const auto& [name, bit] : kNames) {
    if (has(bit)) out.emplace_back(name);
  }
  if (out.empty()) out.emplace_back("deny");
  return out;
}

std::optional<Capabilities::Bit> parse_capability(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &std::pair<std::string_view, Bit>::first);
  if (found == kNames.end()) return std::nullopt;
  return found->second;
}

Result<Policy> parse_policy(std::string name, std::string_view text,
                            std::vector<std::string>* warnings) {
  const auto document = hcl::parse(text);
  if (!document) {
    Error error = document.error();
    error.detail = "failed to parse policy: " + error.detail;
    if (error.code == Code::kMalformed) error.code = Code::kInvalidArgument;
    return std::unexpected(std::move(error));
  }
  Policy policy{std::move(name), std::string(text), {}};
  TRY(PolicyReader(policy, warnings).read(*document));
  return policy;
}

std::string_view default_policy_text() {
  return R"(# What every token may do with itself.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
# What it may do elsewhere.
path "sys/capabilities-self" {
  capabilities = ["update"]
}
path "sys/internal/ui/resultant-acl" {
  capabilities = ["read"]
}
# Leases of its own.
path "sys/leases/lookup" {
  capabilities = ["update"]
}
path "sys/leases/renew" {
  capabilities = ["update"]
}
path "sys/renew" {
  capabilities = ["update"]
}
)";
}

}  // namespace chancery::access
