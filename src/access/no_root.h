#pragma once

#include "access/token_settings.h"

namespace chancery::access {

// no_root refuses a login whose token would be a root token: whoever may write a role could make
// anything of it. Errors in Vault's words: kInvalidArgument.
[[nodiscard]] Result<void> no_root(const TokenSettings& settings);

}  // namespace chancery::access
