#pragma once

#include <string_view>

#include "base/error.h"
#include "base/log.h"
#include "http/response.h"

namespace chancery::vault {

// status_of is the one table from error codes to HTTP statuses. What a user did wrong is never a
// 5xx, because Vault's clients repeat those.
[[nodiscard]] unsigned status_of(Code code);

// error_answer is Vault's error body, {"errors": ["..."]}, with our explanation beside it as
// "chancery": code, request_id and what Error::where names (field, rule). Errors that are ours to
// mend show no detail.
[[nodiscard]] http::Response error_answer(std::string_view request_id, const Error& error);
[[nodiscard]] http::Response error_answer(std::string_view request_id, unsigned status,
                                          const Error& error);

// failed is error_answer for a request, and logs what is ours to mend.
[[nodiscard]] http::Response failed(const http::Request& request, Log& log, const Error& error);

// absent is the answer to a read of something that is not there, and to a list without keys:
// Vault's clients want exactly {"errors": []}.
[[nodiscard]] http::Response absent();

// wrapped is core_error for what the domain refuses by a rule of its own (kRefused), where Vault's
// core words it; other errors stay as they are.
[[nodiscard]] Error wrapped(Error error);

// core_error wraps a refusal as Vault's core does: "1 error occurred:\n\t* unsupported path\n\n".
[[nodiscard]] Error core_error(Code code, std::string_view text);
// as_core wraps an error's detail so, and leaves the rest.
[[nodiscard]] Error as_core(Error error);
// issuer_error does that to an error about the issuer that was asked for, and to no other.
[[nodiscard]] Error issuer_error(Error error);
// bad_field is kInvalidArgument about one field.
[[nodiscard]] Error bad_field(std::string_view field, std::string_view detail);

}  // namespace chancery::vault
