#pragma once

#include "access/mount.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/writer.h"

namespace chancery::vault {

// Whether a mount is being made or tuned: Vault words its refusals differently.
enum class SettingsOf : std::uint8_t { kNewMount, kTuning };

// read_settings takes the settings of a mount that a request has and leaves the others as they are.
// Errors in Vault's words: kInvalidArgument.
[[nodiscard]] Result<void> read_settings(json::FieldReader& fields, SettingsOf of,
                                         access::Mount& mount);

// write_lists writes the lists that are not empty; write_options the options, as an object.
void write_lists(json::Writer& out, const access::Mount& mount);
void write_options(json::Writer& out, const access::Mount& mount);

}  // namespace chancery::vault
