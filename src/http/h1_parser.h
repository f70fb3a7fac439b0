#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/request.h"

namespace chancery::http {

struct ParserLimits {
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_headers = 64;
  std::size_t max_body_bytes = 1024 * 1024;
};

// H1Parser reads HTTP/1.1 requests from a byte stream (RFC 9112), one after the other. It is as
// strict as the grammar wherever two readers could see different requests in the same bytes: lines
// end in CRLF only, no folding, one Host, one Content-Length of plain digits or "Transfer-Encoding:
// chunked", never both. Trailers are read and dropped. After a failure the stream cannot be read
// on. Not thread-safe.
class H1Parser {
 public:
  enum class Step : std::uint8_t {
    kMore,    // consumed what it could; needs more bytes
    kHead,    // request line and headers are in the request; feed again for the body
    kDone,    // the request is complete
    kFailed,  // see failure
  };
  struct Failure {
    unsigned status = 400;
    std::string_view detail;  // a constant
  };

  explicit H1Parser(const ParserLimits& limits);
  ~H1Parser();
  H1Parser(const H1Parser&) = delete;
  H1Parser& operator=(const H1Parser&) = delete;

  // start prepares for the next request, which goes into `request`: method, target, headers and
  // body.
  void start(Request& request);
  // feed reads from `data` and sets `consumed`. Bytes that were not consumed must come again, at
  // the start of the next call, with more behind them.
  [[nodiscard]] Step feed(std::string_view data, std::size_t& consumed);

  // Whether any byte of a request has been seen since start.
  [[nodiscard]] bool started() const;
  // From kHead on: what the request says.
  [[nodiscard]] bool head_done() const;
  [[nodiscard]] bool is_http_1_1() const;
  [[nodiscard]] bool has_body() const;
  [[nodiscard]] bool keep_alive() const;  // HTTP/1.1 without "Connection: close"
  [[nodiscard]] bool expects_continue()
      const;  // "Expect: 100-continue" and no byte of the body seen
  [[nodiscard]] const Failure& failure() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chancery::http
