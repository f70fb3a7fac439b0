#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "validation/network/http_reply.h"
#include "validation/network/url.h"

// What any web server may answer to http-01. A body read in two pieces is the body read at once,
// and where a redirect leads to is a URL again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  using namespace chancery::validation::network;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto head_end = head_size(text);
  if (!head_end) return 0;
  const auto head = parse_reply_head(text.substr(0, *head_end));
  if (!head) return 0;
  const auto location = head->field("location");
  if (location && *location) {
    Url base;
    base.host = "a.test";
    if (const auto url = resolve(base, **location)) {
      // With scheme and host it may be longer than a location can be.
      const auto again = resolve(base, url->text());
      CHANCERY_CHECK(again ? *again == *url : again.error().code == Code::kTooLarge);
    }
  }
  const auto framing = framing_of(*head);
  if (!framing) return 0;
  const std::string_view body = text.substr(*head_end);
  const auto part = read_body(*framing, body.substr(0, body.size() / 2), false);
  const auto whole = read_body(*framing, body, false);
  if (!part || !whole) return 0;
  CHANCERY_CHECK(std::string_view(whole->content).starts_with(part->content));
  CHANCERY_CHECK(whole->complete || !part->complete);
  return 0;
}
