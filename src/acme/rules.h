#pragma once

#include <memory>

#include "acme/directory.h"
#include "enrol/enrolment.h"
#include "policy/profile.h"

namespace chancery::acme {

// find_rules gives the role or profile that a choice stands for. Errors: kUnavailable (it is not
// there any more).
[[nodiscard]] Result<std::shared_ptr<const policy::CompiledProfile>> find_rules(
    enrol::Enrolment& enrolment, const record::Scope& mount, const ProfileChoice& choice);

}  // namespace chancery::acme
