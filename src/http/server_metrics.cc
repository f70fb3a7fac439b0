#include "http/server_metrics.h"

#include "http/metrics_names.h"

namespace chancery::http {

namespace {

// Routes come from a closed set; should an application break that rule, memory stays bounded.
constexpr std::size_t kMaxRoutes = 1024;

std::string in_quotes(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + '"';
}

}  // namespace

ServerMetrics::ServerMetrics(Metrics& metrics)
    : in_flight(metrics.gauge(metric::kInFlight, "Requests being answered")),
      connections(metrics.gauge(metric::kConnections, "Open connections")),
      refused_limit(
          metrics.counter(metric::kRefused, "Connections closed at once", "reason=\"limit\"")),
      refused_handshakes(
          metrics.counter(metric::kRefused, "Connections closed at once", "reason=\"handshakes\"")),
      accept_errors(metrics.counter(metric::kAcceptErrors, "Failures to accept a connection")),
      handshakes_full(metrics.counter(metric::kHandshakes, "TLS handshakes", "result=\"full\"")),
      handshakes_resumed(
          metrics.counter(metric::kHandshakes, "TLS handshakes", "result=\"resumed\"")),
      handshakes_failed(
          metrics.counter(metric::kHandshakes, "TLS handshakes", "result=\"failed\"")),
      h2_ended(metrics.counter(metric::kH2Ended, "HTTP/2 connections ended for abuse or errors")),
      received_bytes(metrics.counter(metric::kReceived, "Bytes of requests, without TLS")),
      sent_bytes(metrics.counter(metric::kSent, "Bytes of responses, without TLS")) {}

void RouteMetrics::count(std::string_view route, unsigned status, std::uint64_t microseconds) {
  Route& found = find(route);
  const std::size_t status_class = status < 600 ? status / 100 : 0;
  Counter*& requests = found.requests[status_class];
  if (requests == nullptr) {
    const std::string labels = "route=" + in_quotes(found.name) + ",status=\"" +
                               static_cast<char>('0' + status_class) + "xx\"";
    requests = &metrics_.counter(metric::kRequests, "Requests answered", labels);
  }
  requests->add();
  found.time->observe(microseconds);
}

RouteMetrics::Route& RouteMetrics::find(std::string_view route) {
  auto at = routes_.find(route);
  if (at == routes_.end()) {
    if (routes_.size() >= kMaxRoutes) route = "other";
    at = routes_.try_emplace(std::string(route)).first;
    at->second.name = route;
    at->second.time =
        &metrics_.histogram(metric::kRequestTime, "Time from the head of a request to its response",
                            "route=" + in_quotes(route));
  }
  return at->second;
}

}  // namespace chancery::http
