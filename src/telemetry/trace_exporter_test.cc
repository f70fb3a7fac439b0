#include "telemetry/trace_exporter.h"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "base/fakes.h"

namespace chancery::telemetry {
namespace {

using namespace std::chrono_literals;

const std::vector<http::TracePart> kParts{{"commit wait", std::chrono::system_clock::time_point(1s),
                                           std::chrono::system_clock::time_point(2s)}};

http::RequestTrace request(const http::TraceStart& ids, unsigned status = 200) {
  return {.ids = ids,
          .begin = std::chrono::system_clock::time_point(1s),
          .end = std::chrono::system_clock::time_point(3s),
          .request_id = "id-1",
          .method = "POST",
          .route = "pki/issue/{role}",
          .protocol = "h2",
          .status = status,
          .parts = kParts};
}

struct TestExporter {
  explicit TestExporter(TraceOptions options, bool works = true)
      : exporter(std::make_unique<TraceExporter>(
            std::move(options), Service{"chancery", "1"}, random, metrics, log,
            [this, works](const std::string& body) -> Result<void> {
              bodies.push_back(body);
              if (!works) return fail(Code::kUnavailable, "no collector");
              return {};
            })) {}
  std::uint64_t dropped(const char* reason) {
    return metrics.counter("chancery_trace_spans_dropped_total", "", reason).value();
  }
  std::uint64_t exported() {
    return metrics.counter("chancery_trace_spans_exported_total", "").value();
  }

  FakeRandom random;
  Metrics metrics;
  NullLog log;
  std::vector<std::string> bodies;  // read after the exporter has ended
  std::unique_ptr<TraceExporter> exporter;
};

TEST_CASE("a request becomes a span, and each of its waits a child") {
  TestExporter test({.gathering = 1h});
  http::TraceParent parent;
  parent.trace[0] = 0xab;
  parent.span[7] = 0x01;
  parent.sampled = true;
  const auto start = test.exporter->begin(parent);
  REQUIRE(start.has_value());
  CHECK(start->trace == parent.trace);
  CHECK(start->parent == parent.span);
  test.exporter->finished(request(*start, 503));
  test.exporter.reset();
  REQUIRE(test.bodies.size() == 1);
  CHECK(test.exported() == 2);
  const auto body = boost::json::parse(test.bodies[0]);
  const auto& spans = body.at_pointer("/resourceSpans/0/scopeSpans/0/spans").as_array();
  REQUIRE(spans.size() == 2);
  CHECK(spans[0].at("traceId") == "ab000000000000000000000000000000");
  CHECK(spans[0].at("parentSpanId") == "0000000000000001");
  CHECK(spans[0].at("name") == "pki/issue/{role}");
  CHECK(spans[0].at("kind") == 2);
  CHECK(spans[0].at("startTimeUnixNano") == "1000000000");
  CHECK(spans[0].at("endTimeUnixNano") == "3000000000");
  CHECK(spans[0].at_pointer("/status/code") == 2);
  CHECK(spans[1].at("parentSpanId") == spans[0].at("spanId"));
  CHECK(spans[1].at("spanId") != spans[0].at("spanId"));
  CHECK(spans[1].at("name") == "commit wait");
  CHECK(body.at_pointer("/resourceSpans/0/resource/attributes/0/value/stringValue") == "chancery");
}

TEST_CASE("a client's decision is followed; without one the ratio decides") {
  TestExporter none({.ratio = 0, .gathering = 1h});
  CHECK_FALSE(none.exporter->begin({}).has_value());
  http::TraceParent parent;
  parent.sampled = true;
  CHECK(none.exporter->begin(parent).has_value());

  TestExporter all({.ratio = 1, .gathering = 1h});
  CHECK(all.exporter->begin({}).has_value());
  parent.sampled = false;
  CHECK_FALSE(all.exporter->begin(parent).has_value());

  TestExporter half({.ratio = 0.5, .gathering = 1h});
  int sampled = 0;
  for (int i = 0; i < 1000; ++i) sampled += half.exporter->begin({}).has_value() ? 1 : 0;
  // The sequence of FakeRandom is always the same.
  CHECK(sampled > 400);
  CHECK(sampled < 600);
}

TEST_CASE("what does not fit the queue is dropped and counted") {
  TestExporter test({.max_waiting = 4, .gathering = 1h});
  const auto start = test.exporter->begin({});
  for (int i = 0; i < 5; ++i) test.exporter->finished(request(*start));
  CHECK(test.dropped(R"(reason="queue")") == 6);
  test.exporter.reset();
  CHECK(test.exported() == 4);
}

TEST_CASE("what the collector does not take is dropped and counted, and ends a stop early") {
  TestExporter test({.max_waiting = 100, .max_batch = 100, .gathering = 1h}, false);
  const auto start = test.exporter->begin({});
  for (int i = 0; i < 5; ++i) test.exporter->finished(request(*start));
  test.exporter.reset();
  CHECK(test.bodies.size() == 1);
  CHECK(test.dropped(R"(reason="export")") == 10);
  CHECK(test.exported() == 0);
}

}  // namespace
}  // namespace chancery::telemetry
