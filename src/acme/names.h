#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "acme/refusal.h"
#include "acme/rows.h"

namespace chancery::acme {

// read_name makes a Name of an identifier as a client sent it: host names in lower case and
// A-labels, one "*." in front allowed, private and single-label ones as well; addresses in their
// one canonical form (RFC 8738 section 3). Errors: malformed, rejectedIdentifier,
// unsupportedIdentifier.
[[nodiscard]] Result<Name> read_name(std::string_view type, std::string_view value);

// outside says why a name is outside of an account's bounds; "" when it is inside.
[[nodiscard]] std::string outside(const Bounds& bounds, const Name& name);

// check_bounds refuses bounds that cannot be read. Errors: kInvalidArgument with the field.
[[nodiscard]] Result<void> check_bounds(const Bounds& bounds);

}  // namespace chancery::acme
