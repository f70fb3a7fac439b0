#pragma once

#include "crypto/public_key.h"
#include "policy/profile.h"

// Which keys a role allows. Internal to this folder.
namespace chancery::policy {

// resolve_key_bits replaces 0 by the type's default and refuses sizes that the type does not have.
// Errors: kInvalidArgument with Vault's text.
[[nodiscard]] Result<unsigned> resolve_key_bits(RoleKeyType type, unsigned bits);

// key_type_of is a resolved type and size as a key's type; not for kAny.
[[nodiscard]] crypto::KeyType key_type_of(RoleKeyType type, unsigned bits);

// check_key refuses weak keys (crypto::check_weak_key) and those that a profile does not list, or
// that are not of the role's type and least size. Errors: kRefused.
[[nodiscard]] Result<void> check_key(const CompiledProfile& profile, const crypto::PublicKey& key);

}  // namespace chancery::policy
