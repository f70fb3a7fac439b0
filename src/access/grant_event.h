#pragma once

#include <string_view>

#include "access/principal.h"
#include "record/event.h"

namespace chancery::access {

// grant_event begins the event of something that was done under `grant`: all but the details. Pure.
[[nodiscard]] record::Event grant_event(const Grant& grant, record::EventKind kind,
                                        std::string_view subject, std::string_view request_id,
                                        TimePoint now);

}  // namespace chancery::access
