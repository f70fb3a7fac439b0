#include "cli/inspect_reader.h"

// Whatever the bytes are, describing them must end well; the right password is never there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const auto ask = []() -> Result<SecretBytes> { return SecretBytes(as_bytes("password")); };
  containers::Pkcs12Limits limits;
  limits.iterations = 64;  // more would only be slow
  const auto items =
      cli::inspect_bytes(BytesView(data, size), from_unix(1'780'000'000), ask, limits);
  if (!items) return 0;
  for (const cli::Item& item : *items) CHANCERY_CHECK(!item.title.empty());
  return 0;
}
