#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/metrics.h"

namespace chancery::http {

// ServerMetrics are the series that all reactors share.
struct ServerMetrics {
  explicit ServerMetrics(Metrics& metrics);

  Gauge& in_flight;
  Gauge& connections;
  Counter& refused_limit;
  Counter& refused_handshakes;
  Counter& accept_errors;
  Counter& handshakes_full;
  Counter& handshakes_resumed;
  Counter& handshakes_failed;
  Counter& h2_ended;
  Counter& received_bytes;
  Counter& sent_bytes;
};

// RouteMetrics counts requests by route and class of status. One a reactor, so that looking a
// series up takes neither a lock nor an allocation. Not thread-safe.
class RouteMetrics {
 public:
  explicit RouteMetrics(Metrics& metrics) : metrics_(metrics) {}
  void count(std::string_view route, unsigned status, std::uint64_t microseconds);

 private:
  static constexpr std::size_t kClasses = 6;  // index 0: anything that is not 1xx to 5xx
  struct Route {
    std::string name;
    Histogram* time = nullptr;
    std::array<Counter*, kClasses> requests{};
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  Route& find(std::string_view route);

  Metrics& metrics_;
  std::unordered_map<std::string, Route, Hash, std::equal_to<>> routes_;
};

}  // namespace chancery::http
