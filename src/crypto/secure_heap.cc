#include "crypto/secure_heap.h"

#include <openssl/crypto.h>

namespace chancery::crypto {
namespace {

// Address space, not memory: pages come with their first use. An RSA-2048 key takes 1.3 kB of it,
// one of P-256 a tenth, and a key that finds no room cannot be used.
constexpr std::size_t kSize = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kSmallest = 32;  // bytes a piece

}  // namespace

bool use_secure_heap() {
  return CRYPTO_secure_malloc_initialized() == 1 ||
         CRYPTO_secure_malloc_init(kSize, kSmallest) != 0;
}

}  // namespace chancery::crypto
