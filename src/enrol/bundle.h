#pragma once

#include <string_view>
#include <vector>

#include "crypto/private_key.h"
#include "x509/certificate.h"

namespace chancery::enrol {

// Bundle is what an operator sends to be imported.
struct Bundle {
  std::vector<x509::Certificate> certificates;
  std::vector<crypto::PrivateKey> keys;
};

// read_bundle reads PEM with at most 64 blocks: certificates and unencrypted private keys, in any
// order; parameters of curves are passed over, anything else is refused. `field` is named in
// errors: kInvalidArgument, kMalformed, kUnsupported, kRefused (a weak key).
[[nodiscard]] Result<Bundle> read_bundle(std::string_view pem, std::string_view field);

}  // namespace chancery::enrol
