#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/ticket.h"

namespace chancery::net {

struct HttpRequest {
  std::string method = "GET";
  std::string url{};  // http:// or https://
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string ca_file{};      // PEM; empty: the system's certificate store
  std::string unix_socket{};  // path to connect to instead of the URL's host; empty: TCP
  std::chrono::milliseconds connect_timeout{10'000};
  // For the whole exchange; 0: none, but an answer that stands still for 5 minutes is given up.
  std::chrono::milliseconds timeout{60'000};
  // Takes the body of a successful answer (2xx) piece by piece; max_response does not count then.
  // Its error ends the exchange and is what send returns.
  std::function<Result<void>(std::string_view)> sink{};
  std::size_t max_response = 16 * 1024 * 1024;
  // Called as the body arrives with the bytes that are there and, when known, the whole; else 0.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
};

struct HttpResponse {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // header returns the first value with that name (ASCII case ignored), or "".
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// send makes one HTTP request and waits for the answer, whatever its status. The server's
// certificate is always verified. GET and HEAD follow up to 5 redirects, but never to another
// scheme, host or port. Loopback addresses are never asked through a proxy. Blocks: for lanes and
// the command line only. Errors: kInvalidArgument (URL, header), kUnavailable (no connection, TLS
// failure), kDeadlineExceeded, kTooLarge (response over max_response), kRefused (redirect
// elsewhere).
[[nodiscard]] Result<HttpResponse> send(const HttpRequest& request, const OnLane& on_lane);

}  // namespace chancery::net
