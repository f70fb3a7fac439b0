#include "crypto/public_key.h"
#include "crypto/weak_key.h"

// Public keys: what is accepted has the bytes it was read from, and can be judged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const auto key = crypto::PublicKey::from_spki(BytesView(data, size));
  if (!key) return 0;
  CHANCERY_CHECK(equal(key->spki(), BytesView(data, size)));
  (void)crypto::check_weak_key(*key);
  return 0;
}
