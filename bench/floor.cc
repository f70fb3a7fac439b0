#include "floor.h"

#include <algorithm>
#include <cstdio>

namespace chancery::bench {
namespace {

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

void Floor::measure(std::size_t first, std::size_t count) {
  const Bytes tbs(600, 0x5a);
  verify_.push_back(us_each(count, [&](std::size_t i) {
    const auto& request = requests_[(first + i) % requests_.size()].parsed;
    need(request.public_key().verify(scheme_, request.info(), request.signature()), "verify");
  }));
  sign_.push_back(
      us_each(count, [&](std::size_t) { (void)need(key_.sign(scheme_, tbs), "sign"); }));
}

double Floor::verify() const { return median(verify_); }
double Floor::sign() const { return median(sign_); }

void report(const std::map<std::string, std::int64_t>& before,
            const std::map<std::string, std::int64_t>& after, std::size_t count, double f,
            const char* what) {
  double total = 0;
  double indexer = 0;
  for (const auto& [name, ns] : after) {
    const auto it = before.find(name);
    const double us = static_cast<double>(ns - (it == before.end() ? 0 : it->second)) / 1e3 /
                      static_cast<double>(count);
    if (us < 0.05) continue;
    std::printf("    thread %-16s %8.2f us\n", name.c_str(), us);
    (name == "store-index" ? indexer : total) += us;
  }
  std::printf("  CPU per %s  %8.2f us = %.2f F    indexer %.2f us = %.2f F\n", what, total,
              total / f, indexer, indexer / f);
}

}  // namespace chancery::bench
