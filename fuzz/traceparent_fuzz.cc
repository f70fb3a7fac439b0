#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "http/tracing.h"

// A header of any client. What is taken stands in the text as it is written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parent = http::parse_traceparent(text);
  if (!parent) return 0;
  CHANCERY_CHECK(text.substr(3).starts_with(hex(parent->trace) + "-" + hex(parent->span) + "-"));
  return 0;
}
