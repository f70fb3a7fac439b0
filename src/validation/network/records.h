#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chancery::validation::network {

// txt_text joins the character-strings of a TXT record's data (RFC 1035 section 3.3.14). Errors:
// kMalformed (a string that ends behind the data, or none at all).
[[nodiscard]] Result<std::string> txt_text(BytesView data);

// CaaRecord is a property of RFC 8659 section 4.1.
struct CaaRecord {
  bool critical = false;
  std::string tag;  // lower case
  std::string value;
};
// parse_caa reads a CAA record's data. Errors: kMalformed (cut short; a tag that is empty or has
// other characters than letters and digits).
[[nodiscard]] Result<CaaRecord> parse_caa(BytesView data);

}  // namespace chancery::validation::network
