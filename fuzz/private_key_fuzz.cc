#include "crypto/private_key.h"

// What is read is written and read again as the same key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const auto key = crypto::PrivateKey::from_pkcs8(BytesView(data, size));
  if (!key) return 0;
  const auto written = key->to_pkcs8();
  CHANCERY_CHECK(written.has_value());
  const auto again = crypto::PrivateKey::from_pkcs8(written->view());
  CHANCERY_CHECK(again && equal(again->public_key().spki(), key->public_key().spki()));
  return 0;
}
