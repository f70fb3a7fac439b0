#include "protocols/status/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "base/text.h"

namespace chancery::status {
namespace {

constexpr int kGzip = 15 + 16;  // the largest window; with gzip's head and tail
constexpr int kMemory = 8;
// Serial numbers do not compress; what does is found by the least effort.
constexpr int kLevel = 1;

bool is_zero(std::string_view quality) {
  quality = trim(quality);
  if (!quality.starts_with("q=0")) return false;
  quality.remove_prefix(3);
  return quality.find_first_not_of(".0") == quality.npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  return std::ranges::any_of(split(accept_encoding, ','), [](std::string_view item) {
    const auto parts = split(item, ';');
    const std::string coding = to_lower(trim(parts.front()));
    if (coding != "gzip" && coding != "x-gzip") return false;
    return parts.size() == 1 || !is_zero(parts[1]);
  });
}

Result<Bytes> gzip(BytesView content) {
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    return fail(Code::kInternal, "zlib does not begin");
  Bytes out(deflateBound(&stream, static_cast<uLong>(content.size())));
  // zlib's interface predates const.
  stream.next_in =
      const_cast<Bytef*>(content.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (ended != Z_STREAM_END) return fail(Code::kInternal, "zlib does not end");
  return out;
}

}  // namespace chancery::status
