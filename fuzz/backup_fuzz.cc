#include <algorithm>

#include "backup/sealed_file.h"
#include "backup/stream.h"
#include "base/fakes.h"

namespace chancery::backup {
namespace {

// What the decoder accepted, written again.
struct Again {
  Result<void> operator()(StreamItem item) {
    if (const auto* header = std::get_if<StreamHeader>(&item)) encoder.header(out, *header);
    if (const auto* row = std::get_if<record::LogRow>(&item)) encoder.log_row(out, *row);
    if (const auto* row = std::get_if<record::StateRow>(&item)) encoder.state_row(out, *row);
    if (const auto* file = std::get_if<File>(&item)) encoder.file(out, *file);
    return {};
  }
  StreamEncoder encoder;
  Bytes out;
};

// What is accepted must be exactly what the encoder writes.
void read_stream(BytesView bytes) {
  Again again;
  StreamDecoder decoder([&](StreamItem item) { return again(std::move(item)); });
  const std::size_t half = bytes.size() / 2;
  if (!decoder.feed(bytes.first(half)) || !decoder.feed(bytes.subspan(half))) return;
  if (!decoder.finish()) return;
  again.encoder.trailer(again.out);
  CHANCERY_CHECK(again.out == to_bytes(bytes));
}

void read_sealed(BytesView bytes) {
  auto reader = SealedReader::open([&](std::span<std::uint8_t> out) -> Result<std::size_t> {
    const std::size_t n = std::min(out.size(), bytes.size());
    std::copy_n(bytes.begin(), n, out.begin());
    bytes = bytes.subspan(n);
    return n;
  });
  if (!reader) return;
  Secret key = Secret::key(SecretBytes(32)).value();
  if (!reader->unlock(key)) return;
  while (true) {
    const auto chunk = reader->next();
    if (!chunk || !*chunk) return;
  }
}

}  // namespace
}  // namespace chancery::backup

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const chancery::BytesView bytes(data, size);
  chancery::backup::read_stream(bytes);
  chancery::backup::read_sealed(bytes);
  return 0;
}
