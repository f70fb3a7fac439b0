#include <algorithm>
#include <string>
#include <vector>

#include "http/h1_parser.h"
#include "http/target.h"

namespace chancery::http {
namespace {

struct Read {
  std::vector<Request> requests;
  bool failed = false;
  std::size_t unread = 0;  // at the end, of bytes that say too little yet
};

bool same(const Request& a, const Request& b) {
  const auto header = [](const Header& x, const Header& y) {
    return x.name == y.name && x.value == y.value;
  };
  return a.method == b.method && a.target == b.target && a.body == b.body &&
         std::ranges::equal(a.headers, b.headers, header);
}

constexpr ParserLimits kLimits{2048, 16, 4096};

// Gives the parser `piece` more bytes at a time, as a socket might.
Read read(std::string_view bytes, std::size_t piece) {
  Read out;
  H1Parser parser(kLimits);
  std::size_t begin = 0;
  std::size_t end = std::min(piece, bytes.size());
  Request request;
  parser.start(request);
  while (true) {
    std::size_t consumed = 0;
    const auto step = parser.feed(bytes.substr(begin, end - begin), consumed);
    CHANCERY_CHECK(consumed <= end - begin);
    begin += consumed;
    if (step == H1Parser::Step::kFailed) {
      CHANCERY_CHECK(parser.failure().status >= 400);
      out.failed = true;
      return out;
    }
    if (step == H1Parser::Step::kDone) {
      CHANCERY_CHECK(request.body.size() <= kLimits.max_body_bytes);
      CHANCERY_CHECK(request.headers.size() <= kLimits.max_headers);
      out.requests.push_back(std::move(request));
      request = Request();
      parser.start(request);
    }
    if (step != H1Parser::Step::kMore) continue;
    out.unread = bytes.size() - begin;
    if (end == bytes.size()) return out;
    end = std::min(end + piece, bytes.size());
  }
}

// Of a chunked body the parser wants five bytes before it looks at them, so what is wrong with the
// last four of a text it may tell only when these come together with something.
bool may_wait(const Read& cut) { return !cut.failed && cut.unread < 5; }

}  // namespace
}  // namespace chancery::http

// However the bytes arrive, the same requests are in them; the targets of those are decoded.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  if (size == 0) return 0;
  const std::string_view bytes = as_text(BytesView(data + 1, size - 1));
  http::Read whole = http::read(bytes, SIZE_MAX / 2);
  const http::Read cut = http::read(bytes, 1U + data[0] % 64U);
  CHANCERY_CHECK(whole.failed == cut.failed || (whole.failed && http::may_wait(cut)));
  CHANCERY_CHECK(std::ranges::equal(whole.requests, cut.requests, http::same));
  const http::Site site;
  for (http::Request& request : whole.requests) {
    if (!http::decode_target(request, site)) continue;
    CHANCERY_CHECK(request.path.starts_with('/'));
    CHANCERY_CHECK(request.path.find('\0') == std::string::npos);
  }
  return 0;
}
