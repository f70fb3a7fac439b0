#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "x509/path/rule.h"

namespace chancery::x509::path {

inline constexpr std::size_t kMaxFindings = 200;

enum class Severity : std::uint8_t {
  kInfo,     // a check that passed; collected only when asked to explain
  kWarning,  // worth knowing, no reason to refuse
  kError,    // the path is not valid
};
[[nodiscard]] std::string_view name(Severity severity);

// Finding is the outcome of one check. `certificate` is the index in the path (0 is the target);
// nothing for what concerns the whole path. `message` says what was found, in a sentence without a
// full stop; foreign text in it has no control characters.
struct Finding {
  Severity severity = Severity::kInfo;
  std::optional<std::size_t> certificate;
  Rule rule{};
  std::string message;
};

// Findings is a list of at most kMaxFindings findings; it counts errors past the bound as well. Not
// thread-safe.
class Findings {
 public:
  explicit Findings(bool explain = false) : explain_(explain) {}

  void error(Rule rule, std::optional<std::size_t> certificate, std::string_view message) {
    ++errors_;
    add(Severity::kError, rule, certificate, message);
  }
  void warning(Rule rule, std::optional<std::size_t> certificate, std::string_view message) {
    add(Severity::kWarning, rule, certificate, message);
  }
  // info calls `message` only when asked to explain, so that valid paths cost no text.
  template <class Message>
  void info(Rule rule, std::optional<std::size_t> certificate, Message&& message) {
    if (explain_) add(Severity::kInfo, rule, certificate, message());
  }

  [[nodiscard]] const std::vector<Finding>& list() const { return list_; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] bool explains() const { return explain_; }
  [[nodiscard]] bool has(Rule rule) const;

 private:
  void add(Severity severity, Rule rule, std::optional<std::size_t> certificate,
           std::string_view message);

  std::vector<Finding> list_;
  std::size_t errors_ = 0;
  bool explain_;
};

}  // namespace chancery::x509::path
