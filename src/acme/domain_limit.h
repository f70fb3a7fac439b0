#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "acme/directory.h"
#include "acme/limits.h"

namespace chancery::acme {

// How many certificates may be made in a domain, for all accounts of a directory together
// (Directory::certificates_per_domain). Certificates count, not orders: whoever shows no control
// over a domain must not keep its owner from ordering.

// domain_of gives the last `labels` labels of a name, or all of one that has no more.
[[nodiscard]] std::string domain_of(std::string_view name, std::uint32_t labels);

// check_domains refuses names one of whose domains has no certificate left. It takes none. Errors:
// rateLimited.
[[nodiscard]] Result<void> check_domains(Limits& limits, const Directory& directory,
                                         const std::vector<Name>& names, TimePoint now);
// spend_domains takes one of each domain, for what `writes` commit. Errors: rateLimited, and then
// it takes none.
[[nodiscard]] Result<void> spend_domains(Limits& limits, const Directory& directory,
                                         const std::vector<Name>& names, TimePoint now,
                                         record::WriteSet& writes);

}  // namespace chancery::acme
