#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "jose/jwk.h"
#include "jose/jws.h"

// Anybody may send a JWS; its key comes along with it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto value = jose::parse_json(text)) {
    if (const auto jwk = jose::parse_jwk(*value))
      CHANCERY_CHECK(parse_base64(jwk->thumbprint, Base64::kUrl).has_value());
  }
  const auto jws = jose::read_jws(text);
  if (!jws) return 0;
  CHANCERY_CHECK(jws->signing_input.find('.') != std::string::npos);
  // A key of 64 zero octets fits every MAC; nobody's JWS verifies under it.
  (void)jose::verify_mac(*jws, Bytes(64));
  if (!jws->jwk) return 0;
  if (const auto jwk = jose::parse_jwk(*jws->jwk)) (void)jose::verify(*jws, jwk->key);
  return 0;
}
