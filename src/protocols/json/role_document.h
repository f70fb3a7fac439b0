#pragma once

#include "policy/profile.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/writer.h"

namespace chancery::json {

// read_role takes every field of a role out of a request; absent fields have Vault's defaults,
// since a write replaces the whole role. key_bits and signature_bits are 0 where they are not
// given, for policy::check_role to resolve. What cannot be converted, and a value other than the
// default for the few fields that this program has but one value for, is reported by
// fields.finish().
[[nodiscard]] policy::Role read_role(std::string name, FieldReader& fields);

// write_role writes the members of a role (without braces and name), durations in seconds.
void write_role(Writer& out, const policy::Role& role);

// role_field_names lists the names that read_role knows, in order; for documents and tests.
[[nodiscard]] std::vector<std::string_view> role_field_names();

// read_profile takes the fields of a profile that a request has and leaves the others as they are;
// write_profile writes its members (without braces and name); profile_field_names lists them.
void read_profile(FieldReader& fields, policy::Profile& profile);
void write_profile(Writer& out, const policy::Profile& profile);
[[nodiscard]] std::vector<std::string_view> profile_field_names();

}  // namespace chancery::json
