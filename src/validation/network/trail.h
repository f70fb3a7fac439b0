#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "validation/validation.h"

namespace chancery::validation::network {

// Failure is why a step, and with it the attempt, failed.
struct Failure {
  Problem problem = Problem::kServerInternal;
  std::string detail;
  bool may_pass_later = false;
};
template <class T>
using Step = std::expected<T, Failure>;

// Trail takes down what an attempt looks at and what it sees there, within bounds. Not thread-safe.
class Trail {
 public:
  explicit Trail(const Clock& clock) : clock_(clock) {}
  void saw(std::string_view target, std::string_view seen);
  [[nodiscard]] std::vector<Observation> take() { return std::move(observations_); }

 private:
  const Clock& clock_;
  std::vector<Observation> observations_;
};

[[nodiscard]] Outcome outcome_of(Failure failure);

}  // namespace chancery::validation::network
