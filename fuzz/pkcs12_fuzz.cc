#include "base/fakes.h"
#include "containers/pkcs12.h"

// The seeds' passwords are "foo" and none. What is read is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  containers::Pkcs12Limits limits;
  limits.iterations = 2'048;  // of the seeds; more would only be slow
  for (const containers::Password password :
       {containers::Password("foo"), containers::Password()}) {
    const auto read = containers::read_pkcs12(BytesView(data, size), password, limits);
    if (!read) continue;
    FakeRandom random;
    const auto written =
        containers::write_pkcs12(*read, "x", random, {1, containers::Pkcs12Mac::kHmacSha256});
    CHANCERY_CHECK(written.has_value());
    const auto again = containers::read_pkcs12(*written, "x");
    CHANCERY_CHECK(again && again->keys.size() == read->keys.size() &&
                   again->certificates.size() == read->certificates.size());
  }
  return 0;
}
