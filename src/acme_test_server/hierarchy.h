#pragma once

#include <string>
#include <vector>

#include "acme_test_server/config.h"
#include "acme_test_server/environment.h"
#include "ca/service.h"

namespace chancery::acme_test {

// Chain is a root and the certificate that it, or what is between, gave to the issuing key.
struct Chain {
  x509::Certificate root;
  std::string root_key;  // its id in the key store
  x509::Certificate intermediate;
  std::string intermediate_key;
};

// make_hierarchy makes as many roots with new keys and random names as there are alternates and one
// more, and one issuing key that has a certificate under each of them. The first is the scope's
// default. Blocks; for the time before the server. Errors: those of keys and issuing.
[[nodiscard]] Result<std::vector<Chain>> make_hierarchy(ca::Service& ca, keys::KeyStore& keys,
                                                        const record::Scope& scope,
                                                        const Config& config,
                                                        const Environment& environment,
                                                        const Clock& clock, Random& random);

}  // namespace chancery::acme_test
