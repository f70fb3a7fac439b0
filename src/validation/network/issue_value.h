#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chancery::validation::network {

struct IssueParameter {
  std::string tag;  // lower case
  std::string value;
};

// IssueValue says which CA may issue and on what conditions: the value of CAA's issue property (RFC
// 8659 section 4.2) and of dns-persist-01's records.
struct IssueValue {
  std::string issuer;  // lower case; empty: nobody
  std::vector<IssueParameter> parameters;
};

// parse_issue_value is strict: a stray semicolon, an empty parameter, a character outside the
// grammar, or over 8 KiB or 64 parameters is an error. Errors: kMalformed, kTooLarge.
[[nodiscard]] Result<IssueValue> parse_issue_value(std::string_view text);

// issuer_of is the issuer of a value, also where the rest is malformed; lower case, not checked.
[[nodiscard]] std::string issuer_of(std::string_view text);

}  // namespace chancery::validation::network
