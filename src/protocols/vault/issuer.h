#pragma once

#include "protocols/vault/call.h"

namespace chancery::vault {

// issuer_of finds the authority that a path names by its {ref}, or the default one. Errors:
// kNotFound in Vault's words; those of the store.
[[nodiscard]] Result<std::shared_ptr<const ca::Authority>> issuer_of(const Call& call);

}  // namespace chancery::vault
