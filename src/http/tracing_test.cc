#include "http/tracing.h"

#include <doctest/doctest.h>
#include <mutex>

#include "http/test_server.h"

namespace chancery::http {
namespace {

constexpr std::string_view kGood = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST_CASE("a traceparent header") {
  const auto parent = parse_traceparent(kGood);
  REQUIRE(parent.has_value());
  CHECK(parent->trace[0] == 0x0a);
  CHECK(parent->trace[15] == 0x9c);
  CHECK(parent->span[0] == 0xb7);
  CHECK(parent->span[7] == 0x31);
  CHECK(parent->sampled);
  CHECK_FALSE(
      parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->sampled);
  // A later version may go on.
  CHECK(parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
}

TEST_CASE("what is not a traceparent header is none") {
  for (const char* bad : {
           "",
           "00",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-",
       }) {
    CAPTURE(bad);
    CHECK_FALSE(parse_traceparent(bad).has_value());
  }
}

// Notes what it is told.
class NotingTracer final : public Tracer {
 public:
  std::optional<TraceStart> begin(const std::optional<TraceParent>& parent) override {
    if (!parent || !parent->sampled) return std::nullopt;
    return TraceStart{parent->trace, {9}, parent->span};
  }
  void finished(const RequestTrace& request) override {
    const std::scoped_lock lock(mutex_);
    std::string text = std::string(request.route) + " " + std::to_string(request.status);
    for (const TracePart& part : request.parts) {
      text += " " + std::string(part.name);
      CHECK(part.begin <= part.end);
      CHECK(request.begin <= part.begin);
      CHECK(part.end <= request.end);
    }
    CHECK(request.request_id.size() == 36);
    told_.push_back(text);
  }
  std::vector<std::string> told() {
    const std::scoped_lock lock(mutex_);
    return told_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> told_;
};

TEST_CASE("a request that waits for a lane is told with its parts, others not at all") {
  testing::TestServer server;
  NotingTracer tracer;
  server.options.tracer = &tracer;
  server.app.routes["/app/lane"] = [](const Request&, Context& context) {
    if (!context.on(Lane::kCpu)) return Response::run_on(Lane::kCpu);
    return Response(200, "text/plain", "done");
  };
  const std::uint16_t port = server.start();
  REQUIRE(port != 0);
  testing::RawClient client(port);
  const std::string header = "traceparent: " + std::string(kGood) + "\r\n\r\n";
  CHECK(client.exchange("GET /app/hello HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
  CHECK(client.exchange("GET /app/lane HTTP/1.1\r\nHost: x\r\n" + header).status == 200);
  CHECK(client.exchange("GET /nowhere HTTP/1.1\r\nHost: x\r\n" + header).status == 404);
  client.finish_sending();
  server.server->stop(std::chrono::seconds{30});
  const std::vector<std::string> expected{"/app/lane 200 lane wait", "refused 404"};
  CHECK(tracer.told() == expected);
}

}  // namespace
}  // namespace chancery::http
