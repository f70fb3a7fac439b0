#include "http/access_log.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "base/test_directory.h"
#include "http/test_h2_client.h"

namespace chancery::http {
namespace {

using testing::RawClient;
using testing::TestServer;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

AccessEntry entry(std::string_view id) {
  return {.time = {},
          .request_id = id,
          .peer = "127.0.0.1",
          .tls_version = "TLSv1.3",
          .client = "sha256:00",
          .protocol = "h2",
          .method = "GE\"T",
          .route = "a/{b}",
          .principal = "bo\nb",
          .status = 200,
          .bytes = 12,
          .microseconds = 34};
}

TEST_CASE("lines are JSON, and all of them are written before the log goes") {
  const TestDirectory directory;
  const std::string path = directory.path() + "/access";
  Metrics metrics;
  NullLog log;
  {
    const auto access = open_access_log(path, metrics, log).value();
    access->write(entry("one"));
    AccessEntry second = entry("two");
    second.complete = false;
    second.principal = second.client = second.tls_version = {};
    access->write(second);
  }
  CHECK(
      read_file(path) ==
      R"({"time":"1970-01-01T00:00:00.000Z","request_id":"one","peer":"127.0.0.1","tls":"TLSv1.3",)"
      R"("client":"sha256:00","protocol":"h2","method":"GE\"T","route":"a/{b}","principal":"bo?b",)"
      R"("status":200,"bytes":12,"us":34})"
      "\n"
      R"({"time":"1970-01-01T00:00:00.000Z","request_id":"two","peer":"127.0.0.1","protocol":"h2",)"
      R"("method":"GE\"T","route":"a/{b}","status":200,"bytes":12,"us":34,"complete":false})"
      "\n");
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0007) == 0);
  CHECK(open_access_log(directory.path() + "/no/such", metrics, log).error().code ==
        Code::kUnavailable);
}

TEST_CASE("reopen goes on in a new file of the same name") {
  const TestDirectory directory;
  const std::string path = directory.path() + "/access";
  Metrics metrics;
  NullLog log;
  {
    const auto access = open_access_log(path, metrics, log).value();
    access->write(entry("before"));
    REQUIRE(testing::eventually([&] { return !read_file(path).empty(); }));
    REQUIRE(std::rename(path.c_str(), (path + ".1").c_str()) == 0);
    access->reopen();
    REQUIRE(testing::eventually([&] { return ::access(path.c_str(), F_OK) == 0; }));
    access->write(entry("after"));
  }
  CHECK(read_file(path + ".1").find("before") != std::string::npos);
  CHECK(read_file(path).find("after") != std::string::npos);
  CHECK(read_file(path).find("before") == std::string::npos);
}

// A log that hangs until it is let go.
class StuckLog final : public Log {
 public:
  void write(LogLevel, std::string_view, Fields) override {
    ++lines;
    gate.lock();
    gate.unlock();
  }
  std::mutex gate;
  std::atomic<int> lines = 0;
};

TEST_CASE("a log that hangs holds nobody up: lines are dropped and counted") {
  StuckLog stuck;
  Metrics metrics;
  stuck.gate.lock();
  const auto access = make_access_log(metrics, stuck);
  access->write(entry("x"));
  REQUIRE(testing::eventually([&] { return stuck.lines == 1; }));
  for (int i = 0; i < 5000; ++i) access->write(entry("x"));
  CHECK(metrics.counter(metric::kAccessLogDropped, "").value() == 5000 - 4096);
  stuck.gate.unlock();
}

TEST_CASE("every request of either version leaves one line, and no secret") {
  const TestDirectory directory;
  const std::string path = directory.path() + "/access";
  NullLog log;
  TestServer server;
  const auto access = open_access_log(path, server.metrics, log).value();
  server.options.access_log = access.get();
  server.app.routes["/app/login"] = [](const Request&, Context& context) {
    context.set_principal("alice");
    return Response(200, "text/plain", "welcome");
  };
  const std::uint16_t port = server.start();
  RawClient h1(port);
  CHECK(h1.exchange("GET /app/login?token=s3cret HTTP/1.1\r\nHost: a\r\n"
                    "X-Vault-Token: s3cret\r\n\r\n")
            .status == 200);
  CHECK(h1.get("/nowhere/s3cret").status == 404);
  CHECK(h1.exchange("G(ET / HTTP/1.1\r\n\r\n").status == 400);
  testing::H2Client h2(port);
  CHECK(h2.get("/app/login?token=s3cret").status == 200);
  const std::uint32_t id = h2.take_id();
  h2.send(testing::frame(testing::kHeaders, testing::kEndHeaders, id,
                         testing::hpack(testing::get_fields("/app/hello"))) +
          testing::frame(testing::kRstStream, 0, id, testing::big_endian(NGHTTP2_CANCEL)));
  CHECK(h2.get("/app/hello").status == 200);
  server.server->stop(testing::kPatience);
  REQUIRE(testing::eventually([&] {
    const std::string text = read_file(path);
    return std::ranges::count(text, '\n') == 6;
  }));
  const std::string text = read_file(path);
  CHECK(text.find("s3cret") == std::string::npos);
  CHECK(text.find(R"("protocol":"h1","method":"GET","route":"/app/login","principal":"alice",)"
                  R"("status":200,"bytes":7)") != std::string::npos);
  CHECK(text.find(R"("protocol":"h2","method":"GET","route":"/app/login","principal":"alice",)"
                  R"("status":200,"bytes":7)") != std::string::npos);
  CHECK(text.find(R"("route":"refused","status":404)") != std::string::npos);
  CHECK(text.find(R"("status":0,"bytes":0)") != std::string::npos);
}

}  // namespace
}  // namespace chancery::http
