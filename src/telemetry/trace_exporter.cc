#include "telemetry/trace_exporter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "base/thread_name.h"
#include "net/http_client.h"

namespace chancery::telemetry {
namespace {

constexpr std::size_t kMaxMethod = 16;
constexpr std::chrono::milliseconds kConnectTimeout{2'000};
constexpr std::chrono::milliseconds kTimeout{5'000};
constexpr std::size_t kMaxAnswer = 64 * 1024;
constexpr std::string_view kDropped = "chancery_trace_spans_dropped_total";
constexpr std::string_view kDroppedHelp = "Spans lost, by reason";

TraceExporter::Send post_to(const std::string& endpoint) {
  return [endpoint](const std::string& body) -> Result<void> {
    net::HttpRequest request;
    request.method = "POST";
    request.url = endpoint + (endpoint.ends_with('/') ? "v1/traces" : "/v1/traces");
    request.headers = {{"Content-Type", "application/json"}};
    request.body = body;
    request.connect_timeout = kConnectTimeout;
    request.timeout = kTimeout;
    request.max_response = kMaxAnswer;
    // The exporter's thread serves no connection.
    const auto answer = TRY(net::send(request, OnLane::outside_server()));
    if (answer.status / 100 == 2) return {};
    return std::unexpected(Error{Code::kUnavailable, "the collector refuses traces", {}, {}}.with(
        "status", std::to_string(answer.status)));
  };
}

template <std::size_t N>
void fill_id(Random& random, std::array<std::uint8_t, N>& id) {
  do {
    random.fill(id);
  } while (std::ranges::all_of(id, [](std::uint8_t byte) { return byte == 0; }));
}

}  // namespace

TraceExporter::TraceExporter(TraceOptions options, Service service, Random& random,
                             Metrics& metrics, Log& log, Send send)
    : options_(std::move(options)),
      service_(std::move(service)),
      random_(random),
      log_(log),
      send_(send ? std::move(send) : post_to(options_.endpoint)),
      exported_(
          metrics.counter("chancery_trace_spans_exported_total", "Spans that the collector took")),
      dropped_full_(metrics.counter(kDropped, kDroppedHelp, R"(reason="queue")")),
      dropped_failed_(metrics.counter(kDropped, kDroppedHelp, R"(reason="export")")),
      thread_([this] { work(); }) {}

TraceExporter::~TraceExporter() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

// As the trace id ratio sampler of OpenTelemetry: by the id, so that every service of a trace
// decides alike.
bool TraceExporter::is_sampled(const http::TraceId& trace) const {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i < trace.size(); ++i) value = value << 8 | trace[i];
  constexpr double kAll = 9'223'372'036'854'775'808.0;  // 2^63
  return static_cast<double>(value >> 1) < options_.ratio * kAll;
}

std::optional<http::TraceStart> TraceExporter::begin(
    const std::optional<http::TraceParent>& parent) {
  http::TraceStart start;
  if (parent) {
    if (!parent->sampled) return std::nullopt;
    start.trace = parent->trace;
    start.parent = parent->span;
  } else {
    fill_id(random_, start.trace);
    if (!is_sampled(start.trace)) return std::nullopt;
  }
  fill_id(random_, start.span);
  return start;
}

void TraceExporter::finished(const http::RequestTrace& request) {
  std::vector<Span> spans;
  spans.push_back({.trace = request.ids.trace,
                   .id = request.ids.span,
                   .parent = request.ids.parent,
                   .name = std::string(request.route),
                   .is_request = true,
                   .begin = request.begin,
                   .end = request.end,
                   .request_id = std::string(request.request_id),
                   .method = printable(request.method, kMaxMethod),
                   .protocol = std::string(request.protocol),
                   .status = request.status});
  for (const http::TracePart& part : request.parts) {
    Span span;
    span.trace = request.ids.trace;
    fill_id(random_, span.id);
    span.parent = request.ids.span;
    span.name = std::string(part.name);
    span.begin = part.begin;
    span.end = part.end;
    spans.push_back(std::move(span));
  }
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() + spans.size() > options_.max_waiting) return dropped_full_.add(spans.size());
  const bool was_empty = waiting_.empty();
  std::ranges::move(spans, std::back_inserter(waiting_));
  if (was_empty || waiting_.size() >= options_.max_batch) changed_.notify_one();
}

void TraceExporter::work() {
  name_this_thread("traces");
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    changed_.wait_for(lock, options_.gathering,
                      [&] { return stopping_ || waiting_.size() >= options_.max_batch; });
    const bool ends = stopping_;
    std::vector<Span> spans = std::exchange(waiting_, {});
    lock.unlock();
    bool give_up = false;
    for (std::size_t at = 0; at < spans.size(); at += options_.max_batch) {
      const auto size = std::min(options_.max_batch, spans.size() - at);
      const std::span<const Span> batch(spans.data() + at, size);
      // A server that stops does not wait for a collector that is not there.
      if (give_up) {
        dropped_failed_.add(size);
      } else {
        give_up = !send(batch) && ends;
      }
    }
    if (ends) return;
    lock.lock();
  }
}

bool TraceExporter::send(std::span<const Span> batch) {
  const auto sent = send_(to_otlp(batch, service_));
  if (sent) {
    exported_.add(batch.size());
    if (std::exchange(failing_, false)) log_.info("the trace collector takes traces again");
    return true;
  }
  dropped_failed_.add(batch.size());
  // Once, not for every batch.
  if (!std::exchange(failing_, true)) {
    log_.warning("cannot send traces",
                 {{"endpoint", options_.endpoint}, {"detail", sent.error().to_string()}});
  }
  return false;
}

}  // namespace chancery::telemetry
