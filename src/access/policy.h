#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/time.h"

namespace chancery::access {

// Capabilities is a set of Vault's capabilities.
class Capabilities {
 public:
  enum class Bit : std::uint16_t {
    kDeny = 1,
    kCreate = 2,
    kRead = 4,
    kUpdate = 8,
    kDelete = 16,
    kList = 32,
    kSudo = 64,
    kPatch = 128,
    kScan = 256,
  };
  [[nodiscard]] bool has(Bit bit) const { return (bits_ & static_cast<std::uint16_t>(bit)) != 0; }
  void add(Bit bit) { bits_ = static_cast<std::uint16_t>(bits_ | static_cast<std::uint16_t>(bit)); }
  // merge adds all of another set; "deny" swallows everything else.
  void merge(Capabilities other);
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  // names lists the set in the order of the alphabet, as Vault answers; "deny" for nothing.
  [[nodiscard]] std::vector<std::string> names() const;

  friend bool operator==(Capabilities, Capabilities) = default;

 private:
  std::uint16_t bits_ = 0;
};
[[nodiscard]] std::optional<Capabilities::Bit> parse_capability(std::string_view name);

// ParameterRule says what a request's parameter may be, or must not be.
struct ParameterRule {
  std::string name;                 // in lower case; "*" for any
  std::vector<std::string> values;  // globs with '*' at either end; empty: any value
};

// PathRule is one `path "..." {}` of a policy.
struct PathRule {
  // What is matched: the whole path, everything that begins so (a pattern that ended in '*'), or
  // segment by segment where some are '+'.
  std::string pattern;
  bool prefix = false;    // the pattern ended in '*', which is cut off
  bool segments = false;  // some segments are '+'
  Capabilities capabilities;
  std::vector<ParameterRule> allowed_parameters;
  std::vector<ParameterRule> denied_parameters;
  std::vector<std::string> required_parameters;
};

// Policy is a named set of rules, with the text that people wrote.
struct Policy {
  std::string name;
  std::string text;
  std::vector<PathRule> rules;
};

// parse_policy reads a policy in HCL or JSON as Vault's grammar has it. Rules whose path contains
// an identity template ("{{...}}") match nothing, because there are no identities to fill in;
// `warnings` says so. Pure. Errors: kInvalidArgument, in Vault's words after "failed to parse
// policy: ".
[[nodiscard]] Result<Policy> parse_policy(std::string name, std::string_view text,
                                          std::vector<std::string>* warnings = nullptr);

// is_policy_name: Vault's rule (lower case is made by the caller).
inline constexpr std::string_view kRootPolicy = "root";
inline constexpr std::string_view kDefaultPolicy = "default";
// default_policy_text is what every token may do: with itself.
[[nodiscard]] std::string_view default_policy_text();

}  // namespace chancery::access
