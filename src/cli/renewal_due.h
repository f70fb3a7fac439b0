#pragma once

#include <string_view>

#include "base/time.h"

namespace chancery::cli {

// renewal_time says when a certificate is due. `due` is a share of its validity that must have
// passed ("2/3"), or the time before its end from which it is due ("30d"). Errors:
// kInvalidArgument.
[[nodiscard]] Result<TimePoint> renewal_time(TimePoint not_before, TimePoint not_after,
                                             std::string_view due);

}  // namespace chancery::cli
