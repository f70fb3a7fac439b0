#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace chancery::x509::path::testing {

// run_golden_case reads one case (tests/golden/path/README.md has the language), makes its
// certificates, validates, and returns the outcome in the words of the case itself: the "expect",
// "path" and "finding" lines. Errors: kMalformed, with the line.
struct GoldenOutcome {
  std::string expected;
  std::string actual;
};
[[nodiscard]] Result<GoldenOutcome> run_golden_case(std::string_view text);

}  // namespace chancery::x509::path::testing
