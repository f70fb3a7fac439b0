#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace chancery::http {

struct Header {
  std::string name;
  std::string value;
};

// Request is one complete HTTP request as plain data, whatever version carried it. It outlives the
// handler and, for a pending response, the commit. Percent-encoding is decoded in `path` after
// checks: NUL, encoded slash and backslash, "." and ".." segments and empty inner segments are
// refused before any handler sees them; a trailing slash is kept.
struct Request {
  std::string method;         // as sent: "GET", "LIST"
  std::string target;         // as sent, for logs
  std::string path;           // decoded, starts with '/'
  std::vector<Header> query;  // decoded pairs, in order
  std::vector<Header> headers;
  std::string body;

  std::string request_id;    // UUID made by the server for every request
  std::string peer_address;  // "127.0.0.1"
  bool tls = false;
  Bytes peer_certificate;  // DER of the client's certificate, empty when none was presented
  std::vector<Bytes> peer_intermediates;  // DER of what it sent along; nothing verified them

  // header returns the value of the only header with that name (ASCII case ignored); nothing when
  // it is absent or stands twice.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
};

}  // namespace chancery::http
