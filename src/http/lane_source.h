#pragma once

#include <memory>

#include "http/body.h"
#include "http/lanes.h"

namespace chancery::http {

// pulled_on_lane makes a source whose `next` blocks into one that does not: each piece is made on
// the lane, in turn with the lane's other work, and the next one only when it was taken. What the
// lane has begun it does not refuse: a full queue or a passed deadline moves a piece to the front.
[[nodiscard]] std::unique_ptr<BodySource> pulled_on_lane(std::unique_ptr<BodySource> source,
                                                         Lane lane,
                                                         std::shared_ptr<LanePool> lanes);

}  // namespace chancery::http
