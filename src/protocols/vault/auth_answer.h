#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/token.h"
#include "http/response.h"
#include "protocols/json/writer.h"

namespace chancery::vault {

// auth_answer is Vault's answer to a login, to a token's making and to its renewal: no data, and
// the token itself in "auth". An empty `secret` is not shown. It is wiped after sending.
[[nodiscard]] http::Response auth_answer(std::string_view request_id, std::string_view secret,
                                         const access::Token& token, seconds ttl,
                                         const std::vector<std::string>& warnings);

// write_metadata writes a token's metadata as an object, or null.
void write_metadata(json::Writer& out, const access::Token& token);

}  // namespace chancery::vault
