#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ca/service.h"
#include "http/response.h"
#include "protocols/json/writer.h"

namespace chancery::vault {

// write_issuer_identity writes the members that tell which issuer is meant: certificate, chain, id
// and name.
void write_issuer_identity(json::Writer& out, const ca::Authority& authority);

// issuer_answer is the answer of issuer/:ref, also after it was changed.
[[nodiscard]] http::Response issuer_answer(std::string_view request_id,
                                           const ca::Authority& authority,
                                           const std::vector<std::string>& warnings);

// algorithm_name gives Vault's name of a signature algorithm ("ECDSAWithSHA256"); algorithm is the
// reverse and ignores case. Errors: kInvalidArgument in Vault's words.
[[nodiscard]] std::string_view algorithm_name(crypto::SignatureScheme scheme);
[[nodiscard]] Result<crypto::SignatureScheme> algorithm(std::string_view name);

}  // namespace chancery::vault
