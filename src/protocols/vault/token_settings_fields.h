#pragma once

#include "access/token_settings.h"
#include "http/response.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/writer.h"

namespace chancery::vault {

// read_token_settings takes the "token_*" fields that a request has, their old names too, and
// leaves the others as they are. Errors in Vault's words: kInvalidArgument.
[[nodiscard]] Result<void> read_token_settings(json::FieldReader& fields,
                                               access::TokenSettings& settings);

// write_token_settings writes all of them, without braces.
void write_token_settings(json::Writer& out, const access::TokenSettings& settings);

// read_networks takes a list of networks, written as Vault shows them.
[[nodiscard]] std::vector<std::string> read_networks(json::FieldReader& fields,
                                                     std::string_view field,
                                                     std::vector<std::string> otherwise);

// write_names writes the keys of a list, or says that there are none as Vault does.
[[nodiscard]] http::Response names_answer(std::string_view request_id,
                                          const std::vector<std::string>& names);

}  // namespace chancery::vault
