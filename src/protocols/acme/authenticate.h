#pragma once

#include "protocols/acme/call.h"
#include "protocols/acme/nonces.h"
#include "protocols/acme/routes.h"

namespace chancery::acme {

// authenticate reads and verifies the JWS of a POST (RFC 8555 sections 6.2 to 6.5) and fills in
// `call` what the route asks for. Where it gives a lane, nothing was verified: the key is slow to
// verify, and the request has to come back there. Errors: the refusals of those sections.
[[nodiscard]] Result<std::optional<http::Lane>> authenticate(Call& call, const Route& route,
                                                             Nonces& nonces);

// lane_for is where a signature by `key` has to be checked, if not here.
[[nodiscard]] std::optional<http::Lane> lane_for(const Call& call, const crypto::PublicKey& key);

// read_account_url gives the id of an account of this directory, by its URL. Errors:
// accountDoesNotExist.
[[nodiscard]] Result<std::string> read_account_url(const Call& call, std::string_view url);

// read_key reads a JWK that came with a request. Errors: malformed, badPublicKey.
[[nodiscard]] Result<jose::Jwk> read_key(const Call& call, const jose::Json& jwk);

// check_terms refuses an account that has not agreed to the directory's present terms. Errors:
// userActionRequired.
[[nodiscard]] Result<void> check_terms(const LoadedDirectory& directory, const Account& account);
[[nodiscard]] Error terms_required(const LoadedDirectory& directory);

}  // namespace chancery::acme
