#include <cstddef>
#include <cstdint>
#include <string_view>

#include "acme_test_server/config.h"
#include "acme_test_server/faults.h"
#include "acme_test_server/resolvers.h"

// The files and requests that the server for tests of ACME clients reads.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto read = acme_test::parse_config(text)) (void)acme_test::confine(read->config, false);
  CHANCERY_CHECK(acme_test::parse_resolv_conf(text).size() <= 3);
  (void)acme_test::resolver_of(text);
  const auto faults = acme_test::parse_faults(text);
  if (!faults) return 0;
  CHANCERY_CHECK(acme_test::parse_faults(acme_test::to_json(*faults)) == *faults);
  return 0;
}
