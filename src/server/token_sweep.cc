#include "server/token_sweep.h"

namespace chancery::server {
namespace {

constexpr seconds kPause{600};
constexpr std::size_t kPage = 1000;

}  // namespace

void TokenSweep::tend() {
  const TimePoint now = clock_.now();
  if (next_.empty()) {
    // A clock that was put back begins a round as well.
    if (now >= round_ && now < round_ + kPause) return;
    round_ = now;
    removed_ = 0;
  }
  auto swept = tokens_.sweep(next_, kPage);
  if (!swept) {
    log_.warning("dead tokens were not removed", {{"error", swept.error().to_string()}});
    next_.clear();
    return;
  }
  removed_ += swept->removed;
  next_ = std::move(swept->next);
  // Nobody waits: what is not written now is found again in the next round.
  if (swept->removed > 0) static_cast<void>(committer_.submit(std::move(swept->writes)));
  if (next_.empty() && removed_ > 0) log_.info("dead tokens removed", {{"count", removed_}});
}

}  // namespace chancery::server
