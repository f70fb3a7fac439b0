#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "x509/path/rule.h"

namespace chancery::x509::path {

// Limits bound what one validation may cost, whatever certificates it is given.
struct Limits {
  std::size_t depth = 16;                    // certificates in a path, target and anchor included
  std::size_t iterations = 2000;             // candidate issuers found
  std::size_t signature_checks = 100;        // of certificates, CRLs and OCSP responses
  std::size_t name_comparisons = 1'000'000;  // names × name constraints
  // out_of_time is asked before each expensive step; true ends the validation. Empty: no deadline.
  std::function<bool()> out_of_time;
};

// Budget counts one validation's costs against its Limits. Once a limit is reached every spend_*
// returns false and `exhausted` names the rule. Not thread-safe.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}

  [[nodiscard]] bool spend_iterations(std::size_t count);
  [[nodiscard]] bool spend_signature_check();
  [[nodiscard]] bool spend_name_comparisons(std::size_t count);

  [[nodiscard]] std::optional<Rule> exhausted() const { return exhausted_; }
  [[nodiscard]] std::size_t iterations() const { return iterations_; }
  [[nodiscard]] std::size_t signature_checks() const { return signature_checks_; }
  [[nodiscard]] std::size_t name_comparisons() const { return name_comparisons_; }

 private:
  bool spend(std::size_t& used, std::size_t count, std::size_t limit, Rule rule);

  const Limits& limits_;
  std::size_t iterations_ = 0;
  std::size_t signature_checks_ = 0;
  std::size_t name_comparisons_ = 0;
  std::optional<Rule> exhausted_;
};

}  // namespace chancery::x509::path
