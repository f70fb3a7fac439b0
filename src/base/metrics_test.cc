#include "base/metrics.h"

#include <doctest/doctest.h>

#include <thread>

namespace chancery {
namespace {

TEST_CASE("metrics render in the Prometheus text format, sorted") {
  Metrics metrics;
  metrics.gauge("b_depth", "waiting\nnow").set(-3);
  metrics.counter("a_total", "all of them", "route=\"x\"").add(2);
  metrics.counter("a_total", "ignored the second time").add();
  CHECK(metrics.render() ==
        "# HELP a_total all of them\n"
        "# TYPE a_total counter\n"
        "a_total 1\n"
        "a_total{route=\"x\"} 2\n"
        "# HELP b_depth waiting\\nnow\n"
        "# TYPE b_depth gauge\n"
        "b_depth -3\n");
}

TEST_CASE("a histogram renders cumulative buckets in seconds") {
  Metrics metrics;
  Histogram& times = metrics.histogram("t_seconds", "how long", "lane=\"cpu\"");
  for (const std::uint64_t microseconds :
       std::initializer_list<std::uint64_t>{0, 50, 51, 2'500, 999'999, 31'000'000})
    times.observe(microseconds);
  CHECK(times.count() == 6);
  const std::string text = metrics.render();
  CHECK(
      text.starts_with("# HELP t_seconds how long\n# TYPE t_seconds histogram\n"
                       "t_seconds_bucket{lane=\"cpu\",le=\"0.00005\"} 2\n"
                       "t_seconds_bucket{lane=\"cpu\",le=\"0.0001\"} 3\n"));
  CHECK(text.find("{lane=\"cpu\",le=\"0.0025\"} 4\n") != std::string::npos);
  CHECK(text.find("{lane=\"cpu\",le=\"1\"} 5\n") != std::string::npos);
  CHECK(text.find("{lane=\"cpu\",le=\"30\"} 5\n") != std::string::npos);
  CHECK(
      text.ends_with("t_seconds_bucket{lane=\"cpu\",le=\"+Inf\"} 6\n"
                     "t_seconds_sum{lane=\"cpu\"} 32.0026\n"
                     "t_seconds_count{lane=\"cpu\"} 6\n"));
}

TEST_CASE("the same name and labels are the same series, from any thread") {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) metrics.counter("n_total", "n").add();
      });
    }
  }
  CHECK(metrics.counter("n_total", "n").value() == 4000);
  CHECK(&metrics.counter("n_total", "n") == &metrics.counter("n_total", "n"));
}

}  // namespace
}  // namespace chancery
