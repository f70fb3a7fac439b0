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
