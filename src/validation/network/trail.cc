#include "validation/network/trail.h"

#include <utility>

#include "base/text.h"

namespace chancery::validation::network {
namespace {

// More than the longest chain of redirects needs, each with its look-ups and connections.
constexpr std::size_t kMaxObservations = 80;
constexpr std::size_t kMaxText = 512;

}  // namespace

void Trail::saw(std::string_view target, std::string_view seen) {
  if (observations_.size() >= kMaxObservations) return;
  observations_.push_back({clock_.now(), printable(target, kMaxText), printable(seen, kMaxText)});
}

Outcome outcome_of(Failure failure) {
  Outcome outcome;
  outcome.problem = failure.problem;
  outcome.detail = std::move(failure.detail);
  outcome.may_pass_later = failure.may_pass_later;
  return outcome;
}

}  // namespace chancery::validation::network
