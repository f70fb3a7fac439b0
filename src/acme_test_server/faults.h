#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

namespace chancery::acme_test {

// draw gives a number below `bound`, which is at least 1.
[[nodiscard]] std::uint32_t draw(Random& random, std::uint32_t bound);

// Refusal answers requests with an error instead of what they are for: the next `count` of them, or
// `percent` of all.
struct Refusal {
  unsigned status = 503;  // 429, 500, 503
  std::string resource;   // "new-order", as in the server's URLs; "": whatever is signed
  std::optional<std::uint32_t> count;
  unsigned percent = 0;  // where there is no count
  std::optional<seconds> retry_after;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// FaultSettings are all that goes wrong on purpose.
struct FaultSettings {
  unsigned bad_nonces = 0;            // percent of the good ones that are refused
  std::uint32_t bad_next_nonces = 0;  // so many of the next good ones are refused
  seconds slow_validation{0};
  seconds slow_finalize{0};
  std::vector<Refusal> refusals;  // the first that fits a request has the say

  friend bool operator==(const FaultSettings&, const FaultSettings&) = default;
};

// parse_faults reads what to_json writes; what it leaves out is off. Errors: kMalformed,
// kInvalidArgument with the field.
[[nodiscard]] Result<FaultSettings> parse_faults(std::string_view json);
[[nodiscard]] std::string to_json(const FaultSettings& settings);

// Faults decides, request by request, what goes wrong. Thread-safe.
class Faults {
 public:
  Faults(FaultSettings at_start, Random& random)
      : start_(at_start), now_(at_start), random_(random) {}

  void set(FaultSettings settings);
  // reset goes back to what was in force at the start.
  void reset() { set(start_); }
  // settings are those in force, with what is left of counts.
  [[nodiscard]] FaultSettings settings() const;

  // refusal says how to refuse a request for a resource; `is_signed` is a POST.
  [[nodiscard]] std::optional<Error> refusal(std::string_view resource, bool is_signed);
  [[nodiscard]] bool spoils_nonce();

 private:
  const FaultSettings start_;
  mutable std::mutex mutex_;
  FaultSettings now_;  // guarded by mutex_
  Random& random_;
};

}  // namespace chancery::acme_test
