#include "asn1/writer.h"
#include "base/fakes.h"
#include "containers/pkcs12.h"

namespace chancery::containers {
namespace {

// The seeds have few iterations: more would only be slow.
constexpr Pkcs12Limits kLimits{16 * 1024 * 1024, 1000, 64};

// What is read is written and read again.
void read(BytesView file, Password password) {
  const auto content = read_pkcs12(file, password, kLimits);
  if (!content) return;
  FakeRandom random;
  const auto written = write_pkcs12(*content, "x", random, {1, Pkcs12Mac::kHmacSha256});
  CHANCERY_CHECK(written.has_value());
  const auto again = read_pkcs12(*written, "x");
  CHANCERY_CHECK(again && again->keys.size() == content->keys.size() &&
                 again->certificates.size() == content->certificates.size());
}

// The file without its MAC, which an altered one would be refused for before anything else.
Result<Bytes> without_mac(BytesView file) {
  asn1::Reader outer(file);
  asn1::Reader pfx = TRY(outer.enter_sequence());
  const BytesView version = TRY(pfx.next()).whole;
  const BytesView safe = TRY(pfx.next()).whole;
  asn1::Writer out;
  out.sequence([&] {
    out.raw(version);
    out.raw(safe);
  });
  return std::move(out).take();
}

}  // namespace
}  // namespace chancery::containers

// The seeds' passwords are "foo" and none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  using containers::Password;
  const BytesView file(data, size);
  for (const Password password : {Password("foo"), Password()}) containers::read(file, password);
  if (const auto bare = containers::without_mac(file)) containers::read(*bare, "foo");
  return 0;
}
