#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret_bytes.h"

namespace chancery::containers {

// Password is UTF-8 text, or nothing. "" and nothing are different passwords to PKCS#12's old key
// derivation, and people mix them up, so a reader that was given one tries the other, too.
using Password = std::optional<std::string_view>;

// utf16 gives UTF-16BE, as PKCS#12 and Java hash it; `terminated` adds PKCS#12's final zero.
// Internal to this folder. Errors: kInvalidArgument (not UTF-8, or over 1024 bytes).
enum class Zero : bool { kWithout, kTerminated };
[[nodiscard]] Result<SecretBytes> utf16(std::string_view password, Zero terminated);
// utf8_of_utf16 converts UTF-16BE of whole units; a lone surrogate becomes U+FFFD.
[[nodiscard]] std::string utf8_of_utf16(BytesView units);

}  // namespace chancery::containers
