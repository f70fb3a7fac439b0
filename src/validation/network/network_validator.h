#pragma once

#include <memory>

#include "base/metrics.h"
#include "base/time.h"
#include "validation/network/settings.h"
#include "validation/validation.h"

namespace chancery::validation::network {

// make_validator makes the Validator that looks at the real network. A zone named in an attempt has
// to be one of the settings'; without one, it is the closest above the identifier, else the
// standard. Redirects and aliases stay under the rules and the resolver of that zone. `clock`
// and `metrics` must outlive it. It logs nothing: who asks knows what for. Errors: kInvalidArgument
// (a resolver's address, a trust anchor), kInternal.
[[nodiscard]] Result<std::unique_ptr<Validator>> make_validator(Settings settings,
                                                                const Clock& clock,
                                                                Metrics& metrics);

}  // namespace chancery::validation::network
