#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "crypto/private_key.h"
#include "x509/certificate.h"

namespace chancery::containers {

// Jks is a Java KeyStore, the format before PKCS#12. Its protection is SHA-1 over password and
// content and a stream of SHA-1 digests, without iterations: fit for old software and nothing else.
struct Jks {
  struct Key {
    std::string alias;
    TimePoint created;
    crypto::PrivateKey key;
    std::vector<x509::Certificate> chain;  // the key's own first
  };
  struct Trusted {
    std::string alias;
    TimePoint created;
    x509::Certificate certificate;
  };
  std::vector<Key> keys;
  std::vector<Trusted> trusted;
};

inline constexpr std::size_t kMaxJksSize = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxJksEntries = 1000;
inline constexpr std::size_t kMaxJksChain = 100;

// read_jks checks the integrity of the file first, then opens the keys; both with the same
// password, as keytool makes them. Errors: kMalformed, kTooLarge (a bound), kUnsupported (JCEKS,
// other certificate types, foreign key protection), kRefused (wrong password or altered file).
[[nodiscard]] Result<Jks> read_jks(BytesView file, std::string_view password);

// write_jks writes version 2, keys first. Aliases are written in lower case, as Java looks them up.
// Errors: kInvalidArgument (password empty, too long or not UTF-8; alias empty, too long, repeated
// or outside Unicode's first plane), kInternal.
[[nodiscard]] Result<Bytes> write_jks(const Jks& content, std::string_view password,
                                      Random& random);

}  // namespace chancery::containers
