#include "telemetry/otlp.h"

#include <boost/json.hpp>

#include "base/bytes.h"

namespace chancery::telemetry {
namespace {

namespace json = boost::json;

// Values of the enumerations of trace.proto.
constexpr int kInternal = 1;
constexpr int kServer = 2;
constexpr int kError = 2;

json::object text(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}

json::object number(std::string_view key, std::uint64_t value) {
  return {{"key", key}, {"value", {{"intValue", std::to_string(value)}}}};
}

std::string nanoseconds(std::chrono::system_clock::time_point time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

json::array attributes(const Span& span) {
  json::array out{text("http.request.method", span.method), text("http.route", span.name),
                  text("network.protocol.version", span.protocol == "h2" ? "2" : "1.1"),
                  text("chancery.request_id", span.request_id)};
  if (span.status != 0) out.push_back(number("http.response.status_code", span.status));
  return out;
}

json::object to_json(const Span& span) {
  json::object out{{"traceId", hex(span.trace)},
                   {"spanId", hex(span.id)},
                   {"name", span.name},
                   {"kind", span.is_request ? kServer : kInternal},
                   {"startTimeUnixNano", nanoseconds(span.begin)},
                   {"endTimeUnixNano", nanoseconds(span.end)}};
  if (span.parent) out["parentSpanId"] = hex(*span.parent);
  if (!span.is_request) return out;
  out["attributes"] = attributes(span);
  // What the client did wrong is no error of the server's span.
  if (span.status >= 500 || span.status == 0) out["status"] = json::object{{"code", kError}};
  return out;
}

}  // namespace

std::string to_otlp(std::span<const Span> spans, const Service& service) {
  json::array list;
  for (const Span& span : spans) list.push_back(to_json(span));
  const json::object scope{{"name", "chancery"}, {"version", service.version}};
  const json::array resource{text("service.name", service.name),
                             text("service.version", service.version)};
  return json::serialize(json::object{
      {"resourceSpans", json::array{json::object{
                            {"resource", {{"attributes", resource}}},
                            {"scopeSpans", json::array{json::object{
                                               {"scope", scope}, {"spans", std::move(list)}}}}}}}});
}

}  // namespace chancery::telemetry
