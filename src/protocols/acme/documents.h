#pragma once

#include "protocols/acme/call.h"

// The JSON of what ACME keeps, as RFC 8555 section 7.1 has it and with nothing else.
namespace chancery::acme {

[[nodiscard]] http::Response account_answer(const Call& call, unsigned status,
                                            const LoadedAccount& account);
[[nodiscard]] http::Response order_answer(const Call& call, unsigned status, const OrderView& view);
[[nodiscard]] http::Response authorization_answer(const Call& call, unsigned status,
                                                  const AuthorizationView& view);
[[nodiscard]] http::Response challenge_answer(const Call& call, const AuthorizationView& view,
                                              std::size_t index);

[[nodiscard]] std::string order_url(const Call& call, std::string_view id);
[[nodiscard]] std::string authorization_url(const Call& call, std::string_view id);

}  // namespace chancery::acme
