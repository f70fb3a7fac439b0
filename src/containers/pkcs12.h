#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "containers/password.h"
#include "crypto/private_key.h"
#include "x509/certificate.h"

namespace chancery::containers {

// Pkcs12 is what a PKCS#12 file (RFC 7292) holds: keys and certificates in their order, with the
// attributes by which they belong together.
struct Pkcs12 {
  struct Key {
    crypto::PrivateKey key;
    std::string friendly_name;
    Bytes local_key_id;
  };
  struct Certificate {
    x509::Certificate certificate;
    std::string friendly_name;
    Bytes local_key_id;
    bool trusted = false;  // Java's trustedKeyUsage: an anchor of a trust store
  };
  std::vector<Key> keys;
  std::vector<Certificate> certificates;
  bool has_mac = true;  // without one, nothing says that the file is as it was written
};

// What one file may cost.
struct Pkcs12Limits {
  std::size_t size = 16 * 1024 * 1024;
  std::size_t bags = 1000;
  std::uint64_t iterations = 10'000'000;  // of all derivations together; some 3 s
};

// read_pkcs12 checks the MAC, then decrypts. It reads PBES2 (PBKDF2 with AES-CBC or 3DES),
// PKCS#12's old 3DES, HMAC with SHA-1 and SHA-2 and PBMAC1 (RFC 9579), and BER as NSS writes it;
// CRL and secret bags are passed over. For an empty or absent password it tries both. Errors:
// kMalformed, kTooLarge (a limit), kUnsupported (algorithm, RC2 among them, or public-key modes),
// kRefused (wrong password or altered file; weak key).
[[nodiscard]] Result<Pkcs12> read_pkcs12(BytesView der, Password password,
                                         const Pkcs12Limits& limits = {});

enum class Pkcs12Mac : std::uint8_t {
  kHmacSha256,  // with PKCS#12's own derivation: every reader of the last ten years
  kPbmac1,      // RFC 9579: OpenSSL 3.4, NSS 3.109, Java 26 and newer
};

struct Pkcs12Options {
  std::uint32_t iterations = 600'000;  // of each derivation: 0.2 s
  Pkcs12Mac mac = Pkcs12Mac::kHmacSha256;
};

// write_pkcs12 encrypts certificates together and each key for itself with PBES2, AES-256-CBC and
// PBKDF2-HMAC-SHA-256. An absent password counts as the empty one. Errors: kInvalidArgument
// (password or name not UTF-8 or too long, iterations), kInternal.
[[nodiscard]] Result<Bytes> write_pkcs12(const Pkcs12& content, Password password, Random& random,
                                         const Pkcs12Options& options = {});

}  // namespace chancery::containers
