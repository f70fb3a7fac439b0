#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace chancery::policy {

// OtherName is "<oid>;UTF8:<value>" taken apart; the OID is not checked. Internal to this folder.
struct OtherName {
  std::string oid;
  std::string value;
};

// parse_other_name reads the API's form; the type may also be written "UTF-8", in any case.
// Errors: kInvalidArgument with OpenBao's text.
[[nodiscard]] Result<OtherName> parse_other_name(std::string_view text);

}  // namespace chancery::policy
