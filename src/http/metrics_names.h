#pragma once

#include <string_view>

// The names of all metrics of the HTTP server, with the labels that each has.
namespace chancery::http::metric {

inline constexpr std::string_view kRequests =
    "chancery_http_requests_total";  // route, status ("2xx")
inline constexpr std::string_view kRequestTime = "chancery_http_request_seconds";  // route
inline constexpr std::string_view kInFlight = "chancery_http_requests_in_flight";
inline constexpr std::string_view kConnections = "chancery_http_connections";
inline constexpr std::string_view kRefused =
    "chancery_http_connections_refused_total";  // reason: limit, handshakes
inline constexpr std::string_view kAcceptErrors = "chancery_http_accept_errors_total";
inline constexpr std::string_view kHandshakes =
    "chancery_tls_handshakes_total";  // result: full, resumed, failed
inline constexpr std::string_view kH2Ended = "chancery_http2_connections_ended_total";
inline constexpr std::string_view kReceived = "chancery_http_received_bytes_total";
inline constexpr std::string_view kSent = "chancery_http_sent_bytes_total";
inline constexpr std::string_view kLaneQueued = "chancery_lane_queued";          // lane
inline constexpr std::string_view kLaneRunning = "chancery_lane_running";        // lane
inline constexpr std::string_view kLaneWaited = "chancery_lane_waited_seconds";  // lane
inline constexpr std::string_view kLaneTasks = "chancery_lane_tasks_total";      // lane
inline constexpr std::string_view kLaneRefused =
    "chancery_lane_refused_total";  // lane, reason: full, deadline

inline constexpr std::string_view kAccessLogDropped = "chancery_access_log_dropped_total";

}  // namespace chancery::http::metric
