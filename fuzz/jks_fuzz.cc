#include "base/fakes.h"
#include "containers/jks.h"
#include "containers/jks_protection.h"

// The trailer is made right, so that what stands behind the check of integrity is reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  Bytes file(data, data + size);
  append(file, containers::jks_digest({}, file));
  const auto read = containers::read_jks(file, "");
  if (!read) return 0;
  FakeRandom random;
  const auto written = containers::write_jks(*read, "x", random);
  if (!written) return 0;  // two aliases that differ in case only, and the like
  const auto again = containers::read_jks(*written, "x");
  CHANCERY_CHECK(again && again->keys.size() == read->keys.size() &&
                 again->trusted.size() == read->trusted.size());
  return 0;
}
