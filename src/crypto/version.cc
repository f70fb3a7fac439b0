#include "crypto/version.h"

#include <openssl/crypto.h>

namespace chancery::crypto {

std::string library_version() { return ::OpenSSL_version(OPENSSL_FULL_VERSION_STRING); }

}  // namespace chancery::crypto
