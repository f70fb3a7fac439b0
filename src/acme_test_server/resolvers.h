#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chancery::acme_test {

// resolver_of reads what -dnsserver takes: "10.10.10.10:5053", ":5053" and "localhost:5053" (this
// machine). Errors: kInvalidArgument.
[[nodiscard]] Result<std::string> resolver_of(std::string_view text);

// parse_resolv_conf gives the name servers of a resolv.conf, at most three as resolvers take them,
// with port 53. Lines that say something else, and addresses of one link, are passed over.
[[nodiscard]] std::vector<std::string> parse_resolv_conf(std::string_view text);

// system_resolvers are those of /etc/resolv.conf. Errors: those of files; kNotFound (it has none).
[[nodiscard]] Result<std::vector<std::string>> system_resolvers();

}  // namespace chancery::acme_test
