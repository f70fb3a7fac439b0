#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/private_key.h"
#include "x509/general_name.h"

namespace chancery::cli {

// make_request makes a certification request for a key. `names` are in GeneralName::parse's form; a
// bare name counts as DNS, an address as IP, something with '@' as e-mail. Returns PEM.
[[nodiscard]] Result<std::string> make_request(const crypto::PrivateKey& key,
                                               const std::string& common_name,
                                               const std::vector<std::string>& names);
[[nodiscard]] Result<std::vector<x509::GeneralName>> parse_names(
    const std::vector<std::string>& names);

// write_output writes a file, refusing to overwrite unless `force`. Private files get mode 0600.
enum class Secrecy : std::uint8_t { kPublic, kPrivate };
[[nodiscard]] Result<void> write_output(const std::string& path, BytesView content, Secrecy secrecy,
                                        bool force);

// private_key_pem is the key as PKCS#8 PEM.
[[nodiscard]] Result<SecretBytes> private_key_pem(const crypto::PrivateKey& key);

}  // namespace chancery::cli
