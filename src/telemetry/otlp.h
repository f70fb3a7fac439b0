#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/tracing.h"

namespace chancery::telemetry {

// Span is one span as it is sent: of a whole request, or of a part of one.
struct Span {
  http::TraceId trace{};
  http::SpanId id{};
  std::optional<http::SpanId> parent;
  std::string name;
  bool is_request = false;  // what follows is for those only
  std::chrono::system_clock::time_point begin;
  std::chrono::system_clock::time_point end;
  std::string request_id;
  std::string method;
  std::string protocol;
  unsigned status = 0;
};

// Service names the sender, for the collector.
struct Service {
  std::string name = "chancery";
  std::string version;
};

// to_otlp writes an ExportTraceServiceRequest in OTLP's JSON encoding: ids in hexadecimal, 64-bit
// numbers as text (OpenTelemetry protocol, 1.5, "JSON Protobuf Encoding").
[[nodiscard]] std::string to_otlp(std::span<const Span> spans, const Service& service);

}  // namespace chancery::telemetry
