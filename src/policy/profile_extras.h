#pragma once

#include "policy/profile.h"

// The parts of a profile that become extensions and lint settings. Internal to this folder; errors
// are kInvalidArgument with the field in Error::where.
namespace chancery::policy {

[[nodiscard]] Result<std::vector<crypto::KeyType>> profile_keys(const Profile& profile);
// name_constraints_of gives nothing where a profile names none.
[[nodiscard]] Result<std::optional<x509::NameConstraints>> name_constraints_of(
    const Profile& profile);
[[nodiscard]] Result<ContentExtras> profile_extras(const Profile& profile);

}  // namespace chancery::policy
