#include "server/lane_background.h"

#include <memory>
#include <utility>

#include "http/lanes.h"

namespace chancery::server {
namespace {

class Task final : public http::LaneTask {
 public:
  Task(acme::Background::Work work, std::function<void()> dropped)
      : work_(std::move(work)), dropped_(std::move(dropped)) {}
  void run_on_lane(const OnLane& on_lane) override { work_(on_lane); }
  void turned_away(const Error&) override { dropped_(); }

 private:
  const acme::Background::Work work_;
  const std::function<void()> dropped_;
};

}  // namespace

bool LaneBackground::submit(Place place, std::string_view owner, Work work,
                            std::function<void()> dropped) {
  http::Server* const server = server_;
  if (server == nullptr) return false;
  const auto lane = place == Place::kCpu ? http::Lane::kCpu : http::Lane::kOutbound;
  return server->submit(lane, owner, std::make_shared<Task>(std::move(work), std::move(dropped)))
      .has_value();
}

}  // namespace chancery::server
