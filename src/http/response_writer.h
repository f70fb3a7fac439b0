#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "http/response.h"

namespace chancery::http {

// HttpDate yields the Date header's value, formatted once a second. Not thread-safe.
class HttpDate {
 public:
  // "Sat, 21 Nov 2026 10:00:00 GMT"
  [[nodiscard]] std::string_view at(std::time_t now);

 private:
  std::time_t time_ = -1;
  std::string text_;
};

struct HeadOptions {
  std::string_view date;
  std::string_view request_id;
  bool close = false;
  std::optional<std::uint64_t> length;  // of the body; nothing: chunked, or until the end
  bool chunked = false;
};

// has_body says whether a response with that status may have a body at all (RFC 9110, 6.4.1).
[[nodiscard]] bool has_body(unsigned status);
// append_head writes the status line and the headers up to the empty line.
void append_head(std::string& out, const Response& response, const HeadOptions& options);

// error_page is the refusal of a request that belongs to no application: {"errors":["<detail>"]}.
[[nodiscard]] Response error_page(unsigned status, std::string_view detail);

}  // namespace chancery::http
