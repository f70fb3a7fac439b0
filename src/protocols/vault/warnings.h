#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace chancery::vault {

// warn_of_unknown adds Vault's warning about fields that nobody reads.
inline void warn_of_unknown(std::vector<std::string>& warnings,
                            const std::vector<std::string>& unknown) {
  if (unknown.empty()) return;
  std::string names;
  for (const std::string& name : unknown) names += (names.empty() ? "" : " ") + name;
  warnings.push_back("Endpoint ignored these unrecognized parameters: [" + names + "]");
}

// field_error puts Vault's words before an error of converting a field.
[[nodiscard]] inline Error field_error(Error error) {
  if (error.detail.starts_with("error converting input")) {
    error.detail.insert(0, "Field validation failed: ");
  }
  return error;
}

}  // namespace chancery::vault
