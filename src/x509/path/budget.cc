#include "x509/path/budget.h"

namespace chancery::x509::path {

bool Budget::spend(std::size_t& used, std::size_t count, std::size_t limit, Rule rule) {
  if (exhausted_) return false;
  if (count > limit - used) {
    exhausted_ = rule;
  } else if (limits_.out_of_time && limits_.out_of_time()) {
    exhausted_ = Rule::kDeadline;
  } else {
    used += count;
  }
  return !exhausted_;
}

bool Budget::spend_iterations(std::size_t count) {
  return spend(iterations_, count, limits_.iterations, Rule::kIterationBudget);
}

bool Budget::spend_signature_check() {
  return spend(signature_checks_, 1, limits_.signature_checks, Rule::kSignatureBudget);
}

bool Budget::spend_name_comparisons(std::size_t count) {
  return spend(name_comparisons_, count, limits_.name_comparisons, Rule::kNameBudget);
}

}  // namespace chancery::x509::path
