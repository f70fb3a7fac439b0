#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/options.h"

namespace chancery::cli {

// Check is one line of doctor and of config check.
struct Check {
  enum class Level : std::uint8_t { kOk, kWarning, kProblem };
  Level level = Level::kOk;
  std::string name;  // "token": stable, for programs
  std::string text;  // what was found
  std::string mend;  // the command or change that mends it; empty when there is nothing to mend
};

class Checks {
 public:
  void ok(std::string name, std::string text) {
    list_.push_back({Check::Level::kOk, std::move(name), std::move(text), {}});
  }
  void warning(std::string name, std::string text, std::string mend) {
    list_.push_back({Check::Level::kWarning, std::move(name), std::move(text), std::move(mend)});
  }
  void problem(std::string name, std::string text, std::string mend) {
    list_.push_back({Check::Level::kProblem, std::move(name), std::move(text), std::move(mend)});
  }
  [[nodiscard]] const std::vector<Check>& list() const { return list_; }

 private:
  std::vector<Check> list_;
};

// report_checks prints every check and returns kFailed when there is a problem.
[[nodiscard]] Exit report_checks(const Checks& checks, Format format);

// add_client_checks looks at what a client needs: trust anchor, token, server, clock, authorities,
// and the revocation information that certificates point to. It asks the server, and changes
// nothing.
void add_client_checks(const Common& common, Checks& checks);

}  // namespace chancery::cli
