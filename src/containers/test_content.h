#pragma once

#include "base/fakes.h"
#include "crypto/private_key.h"
#include "x509/test_certificates.h"

namespace chancery::containers::testing {

struct Pair {
  crypto::PrivateKey key;
  x509::Certificate certificate;
};

inline Pair make_pair(crypto::KeyAlgorithm algorithm) {
  crypto::PrivateKey key = crypto::PrivateKey::generate({algorithm, 0}).value();
  x509::Certificate certificate = x509::testing::make_ca(key);
  return {std::move(key), std::move(certificate)};
}

}  // namespace chancery::containers::testing
