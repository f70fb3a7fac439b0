#pragma once

#include <string>

#include "ca/service.h"
#include "crypto/private_key.h"

namespace chancery::vault {

// Keystore says how a client wants certificate, chain and key packed. The names of the fields and
// the defaults are Vault's.
struct Keystore {
  std::string password = "changeit";
  bool pbmac1 = true;       // of PKCS#12: RFC 9579 ("modern2026"); otherwise HMAC ("modern2023")
  std::string alias = "1";  // of a JKS's key
};

// pkcs12_text and jks_text give base64 of a file with the certificate, the first `chain` of its
// authorities, and the key; without a key, a trust store of the same certificates. What is in them
// is secret where there is a key. Errors: kInternal.
[[nodiscard]] Result<std::string> pkcs12_text(const ca::Issued& issued,
                                              const crypto::PrivateKey* key, std::size_t chain,
                                              const Keystore& store);
[[nodiscard]] Result<std::string> jks_text(const ca::Issued& issued, const crypto::PrivateKey* key,
                                           std::size_t chain, const Keystore& store);

}  // namespace chancery::vault
