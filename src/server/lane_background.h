#pragma once

#include <atomic>

#include "acme/background.h"
#include "http/server.h"

namespace chancery::server {

// LaneBackground runs background work on the server's lanes; while there is no server it has no
// room. Thread-safe.
class LaneBackground final : public acme::Background {
 public:
  // open begins to take work, close ends it. The server outlives the time between.
  void open(http::Server& server) { server_ = &server; }
  void close() { server_ = nullptr; }

  [[nodiscard]] bool submit(Place place, std::string_view owner, Work work,
                            std::function<void()> dropped) override;

 private:
  std::atomic<http::Server*> server_{nullptr};
};

}  // namespace chancery::server
