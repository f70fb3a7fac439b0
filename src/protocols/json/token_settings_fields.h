#pragma once

#include "access/token_settings.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/writer.h"

namespace chancery::json {

// read_token_settings takes the "token_*" fields that a request has, their old names too, and
// leaves the others as they are. Errors in Vault's words: kInvalidArgument.
[[nodiscard]] Result<void> read_token_settings(FieldReader& fields,
                                               access::TokenSettings& settings);

// write_token_settings writes all of them, without braces.
void write_token_settings(Writer& out, const access::TokenSettings& settings);

// read_networks takes a list of networks, written as Vault shows them.
[[nodiscard]] std::vector<std::string> read_networks(FieldReader& fields, std::string_view field,
                                                     std::vector<std::string> otherwise);

}  // namespace chancery::json
