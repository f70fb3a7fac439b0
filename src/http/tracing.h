#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chancery::http {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// TraceParent is what a client says of the trace that its request belongs to.
struct TraceParent {
  TraceId trace{};
  SpanId span{};
  bool sampled = false;
};

// parse_traceparent reads a "traceparent" header (W3C Trace Context, 3.2): nothing when it is not
// well formed, or its ids are zero. Of later versions it reads what version 00 defines.
[[nodiscard]] std::optional<TraceParent> parse_traceparent(std::string_view text);

// A stretch of a request in which it waited: for a lane's thread, or for its commit.
struct TracePart {
  std::string_view name;  // "lane wait", "commit wait"
  std::chrono::system_clock::time_point begin;
  std::chrono::system_clock::time_point end{};
};

// TraceStart is what is settled when a request begins.
struct TraceStart {
  TraceId trace{};
  SpanId span{};
  std::optional<SpanId> parent;
};

// RequestTrace is one finished request. The views last for the call that gets them.
struct RequestTrace {
  TraceStart ids;
  std::chrono::system_clock::time_point begin;
  std::chrono::system_clock::time_point end;
  std::string_view request_id;
  std::string_view method;
  std::string_view route;
  std::string_view protocol;  // "h1", "h2"
  unsigned status = 0;        // 0: gone before there was a response
  const std::vector<TracePart>& parts;
};

// Tracer decides which requests are traced and takes them when they are finished. Thread-safe;
// never blocks.
class Tracer {
 public:
  virtual ~Tracer() = default;
  // begin: nothing when this request is not traced.
  [[nodiscard]] virtual std::optional<TraceStart> begin(
      const std::optional<TraceParent>& parent) = 0;
  virtual void finished(const RequestTrace& request) = 0;
};

}  // namespace chancery::http
