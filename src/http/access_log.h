#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"

namespace chancery::http {

// AccessEntry is what the access log says of one request. No query string, no header and no path as
// sent: they may hold tokens. The views last for the call that gets them.
struct AccessEntry {
  std::chrono::system_clock::time_point time;  // of the request's head
  std::string_view request_id;
  std::string_view peer;         // "127.0.0.1"
  std::string_view tls_version;  // empty: none
  std::string_view client;       // "sha256:..." of the client's certificate; empty: none
  std::string_view protocol;     // "h1", "h2"
  std::string_view method;
  std::string_view route;      // "pki/issue/{role}", from a closed set
  std::string_view principal;  // who the application says it is; empty: nobody
  unsigned status = 0;         // 0: gone before there was a response
  std::uint64_t bytes = 0;     // of the body, as far as it was sent
  std::uint64_t microseconds = 0;
  bool complete = true;  // the whole response was handed to the system
};

// AccessLog takes one entry a request. Thread-safe; never blocks, so that no reactor waits for a
// disk: what does not fit its queue is dropped and counted.
class AccessLog {
 public:
  virtual ~AccessLog() = default;
  virtual void write(const AccessEntry& entry) = 0;
  // reopen lets go of the file and opens it by its name again, for log rotation. Thread-safe.
  virtual void reopen() {}
};

// open_access_log appends to a file, one JSON object a line, from a thread of its own; the file has
// mode 0640. Errors: kUnavailable (cannot open).
[[nodiscard]] Result<std::unique_ptr<AccessLog>> open_access_log(const std::string& path,
                                                                 Metrics& metrics, Log& log);
// make_access_log writes the lines to `log`, likewise from a thread of its own.
[[nodiscard]] std::unique_ptr<AccessLog> make_access_log(Metrics& metrics, Log& log);

}  // namespace chancery::http
