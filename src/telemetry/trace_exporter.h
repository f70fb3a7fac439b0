#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "telemetry/otlp.h"

namespace chancery::telemetry {

struct TraceOptions {
  std::string endpoint{};  // "http://127.0.0.1:4318"; "/v1/traces" is added
  // Of requests that belong to no trace yet, 0 to 1. Those that do follow their client's decision.
  double ratio = 1.0;
  std::size_t max_waiting = 4096;  // spans; what comes beyond is dropped and counted
  std::size_t max_batch = 512;     // spans in one request to the collector
  std::chrono::milliseconds gathering{1000};
};

// TraceExporter samples requests and sends their spans to a collector (OTLP over HTTP, JSON) from a
// thread of its own. A batch that the collector does not take is dropped and counted: traces are
// never worth memory that grows or a request that waits. Thread-safe.
class TraceExporter final : public http::Tracer {
 public:
  // Sends one body to the collector; blocks.
  using Send = std::function<Result<void>(const std::string& body)>;

  // `send` is null to post to the endpoint. All references outlive the exporter.
  TraceExporter(TraceOptions options, Service service, Random& random, Metrics& metrics, Log& log,
                Send send = nullptr);
  // The destructor tries once to send what waits.
  ~TraceExporter() override;
  TraceExporter(const TraceExporter&) = delete;
  TraceExporter& operator=(const TraceExporter&) = delete;

  [[nodiscard]] std::optional<http::TraceStart> begin(
      const std::optional<http::TraceParent>& parent) override;
  void finished(const http::RequestTrace& request) override;

 private:
  [[nodiscard]] bool is_sampled(const http::TraceId& trace) const;
  void work();
  bool send(std::span<const Span> batch);

  const TraceOptions options_;
  const Service service_;
  Random& random_;
  Log& log_;
  const Send send_;
  Counter& exported_;
  Counter& dropped_full_;
  Counter& dropped_failed_;
  bool failing_ = false;  // of the thread only

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Span> waiting_;  // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_
  std::thread thread_;         // last: it uses the rest
};

}  // namespace chancery::telemetry
