#pragma once

#include "policy/evaluate.h"

namespace chancery::policy {

// check_names judges the names of a request as evaluate would, before there is a key: for protocols
// that take orders first. Only the names that the API has are looked at. Errors: those of evaluate.
[[nodiscard]] Result<void> check_names(const CompiledProfile& profile, const IssueRequest& request);

}  // namespace chancery::policy
