#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/ticket.h"

namespace chancery::acme {

// Background runs what may block after an answer was given. Thread-safe.
class Background {
 public:
  enum class Place : std::uint8_t { kOutbound, kCpu };
  using Work = std::function<void(const OnLane&)>;

  Background() = default;
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  virtual ~Background() = default;

  // submit queues work of `owner`, who takes turns with others. False: there is no room now, and
  // the work is not called; `dropped` is called instead where it was taken and then given up.
  [[nodiscard]] virtual bool submit(Place place, std::string_view owner, Work work,
                                    std::function<void()> dropped) = 0;
};

}  // namespace chancery::acme
