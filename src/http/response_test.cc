#include <doctest/doctest.h>

#include <set>

#include "base/fakes.h"
#include "http/metrics_names.h"
#include "http/request_ids.h"
#include "http/response_writer.h"
#include "http/server_metrics.h"

namespace chancery::http {
namespace {

TEST_CASE("the head says what is needed and no more") {
  std::string out;
  append_head(out, Response(200, "text/plain", "hello").with_header("X-A", "b"),
              {.date = "D", .request_id = "id", .length = 5});
  CHECK(out ==
        "HTTP/1.1 200 OK\r\nDate: D\r\nX-Request-Id: id\r\nContent-Type: text/plain\r\nX-A: "
        "b\r\nContent-Length: 5\r\n\r\n");
  out.clear();
  append_head(out, Response::empty(204),
              {.date = "D", .request_id = "id", .close = true, .length = {}});
  CHECK(out ==
        "HTTP/1.1 204 No Content\r\nDate: D\r\nX-Request-Id: id\r\nConnection: close\r\n\r\n");
  out.clear();
  append_head(out, Response::empty(299), {.date = "D", .request_id = "id", .length = 0});
  CHECK(out == "HTTP/1.1 299 \r\nDate: D\r\nX-Request-Id: id\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a header value cannot end its line") {
  const Response response = Response::empty(200).with_header("Location",
                                                             "/a\r\nSet-Cookie: x\0"
                                                             "\x7f");
  CHECK(response.headers().front().value == "/a??Set-Cookie: x");
  CHECK(Response(200, "a\nb", "").headers().front().value == "a?b");
}

TEST_CASE("dates are in the form of RFC 9110") {
  HttpDate date;
  CHECK(date.at(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(date.at(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(date.at(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("bodies may be shared") {
  const auto shared = std::make_shared<const Bytes>(Bytes{1, 2, 3});
  CHECK(Response(200, "", shared).body().data() == shared->data());
  CHECK(Response(200, "", std::shared_ptr<const Bytes>()).body().empty());
}

TEST_CASE("error pages quote their text") {
  CHECK(as_text(error_page(404, "a \"b\"\n").body()) == "{\"errors\":[\"a \\\"b\\\" \"]}\n");
}

TEST_CASE("request ids are random UUIDs") {
  FakeRandom random;
  RequestIds ids(random);
  std::set<std::string> seen;
  std::string id;
  for (int i = 0; i < 1000; ++i) {
    ids.next(id);
    REQUIRE(id.size() == 36);
    CHECK(id[8] == '-');
    CHECK(id[14] == '4');
    CHECK(std::string_view("89ab").find(id[19]) != std::string_view::npos);
    seen.insert(id);
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("requests are counted by route and class, with a bound on routes") {
  Metrics metrics;
  RouteMetrics routes(metrics);
  routes.count("pki/\"x\"", 204, 5);
  routes.count("pki/\"x\"", 299, 6);
  routes.count("pki/\"x\"", 404, 1);
  CHECK(
      metrics.counter("chancery_http_requests_total", "", "route=\"pki/\\\"x\\\"\",status=\"2xx\"")
          .value() == 2);
  CHECK(
      metrics.counter("chancery_http_requests_total", "", "route=\"pki/\\\"x\\\"\",status=\"4xx\"")
          .value() == 1);
  CHECK(metrics.histogram(metric::kRequestTime, "", "route=\"pki/\\\"x\\\"\"").sum_microseconds() ==
        12);
  for (int i = 0; i < 2000; ++i) routes.count("r" + std::to_string(i), 200, 1);
  CHECK(metrics.counter("chancery_http_requests_total", "", "route=\"other\",status=\"2xx\"")
            .value() > 900);
}

}  // namespace
}  // namespace chancery::http
