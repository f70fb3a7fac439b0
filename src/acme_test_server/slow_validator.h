#pragma once

#include "acme_test_server/environment.h"
#include "acme_test_server/faults.h"
#include "acme_test_server/pause.h"
#include "validation/validation.h"

namespace chancery::acme_test {

// SlowValidator takes its time, and may believe clients. What looks at the network is the validator
// of every server. Thread-safe.
class SlowValidator final : public validation::Validator {
 public:
  SlowValidator(validation::Validator& network, const Environment& environment, Faults& faults,
                Pause& pause, Random& random)
      : network_(network),
        environment_(environment),
        faults_(faults),
        pause_(pause),
        random_(random) {}

  [[nodiscard]] validation::Outcome validate(const validation::Attempt& attempt,
                                             const OnLane& on_lane) override {
    seconds wait = faults_.settings().slow_validation;
    const auto most = static_cast<std::uint32_t>(environment_.sleep.count());
    if (most > 0) wait += seconds{draw(random_, most)};
    pause_.wait(wait);
    if (environment_.always_valid) return {};
    return network_.validate(attempt, on_lane);
  }
  [[nodiscard]] validation::Outcome check_caa(const validation::CaaQuestion& question,
                                              const OnLane& on_lane) override {
    return network_.check_caa(question, on_lane);
  }

 private:
  validation::Validator& network_;
  const Environment& environment_;
  Faults& faults_;
  Pause& pause_;
  Random& random_;
};

}  // namespace chancery::acme_test
