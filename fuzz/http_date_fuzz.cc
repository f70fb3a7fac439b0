#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/conditional.h"

// A date of If-Modified-Since: what is read is written again as it came.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto time = http::parse_http_date(text);
  if (time) CHANCERY_CHECK(http::http_date(*time) == text);
  return 0;
}
