#include "server/mount_sweep.h"

namespace chancery::server {
namespace {

constexpr seconds kPause{600};
constexpr std::size_t kPage = 1000;

}  // namespace

void MountSweep::tend() {
  tend_removed();
  tend_secrets();
}

void MountSweep::tend_removed() {
  auto swept = methods_.mounts.sweep(kPage);
  if (!swept) {
    log_.warning("rows of removed mounts were not removed", {{"error", swept.error().to_string()}});
    return;
  }
  // Nobody waits: what is not written now is found again next time.
  if (swept->removed > 0) static_cast<void>(committer_.submit(std::move(swept->writes)));
}

// The AppRole mount after the one under way, or null.
access::Mounts::Entry MountSweep::next_mount() const {
  for (const auto& mount : methods_.mounts.list(access::MountKind::kAuth)) {
    if (mount->type == "approle" && mount->path > mount_) return mount;
  }
  return nullptr;
}

void MountSweep::tend_secrets() {
  const TimePoint now = clock_.now();
  if (mount_.empty() && next_.empty()) {
    // A clock that was put back begins a round as well.
    if (now >= round_ && now < round_ + kPause) return;
    round_ = now;
  }
  auto mount =
      next_.empty() ? next_mount() : methods_.mounts.find(access::MountKind::kAuth, mount_);
  if (!mount) {
    // Gone meanwhile, or that was the last.
    if (next_.empty()) mount_.clear();
    next_.clear();
    return;
  }
  mount_ = mount->path;
  auto swept = methods_.approles.sweep(mount->scope(), next_, kPage);
  if (!swept) {
    log_.warning("dead secrets were not removed", {{"error", swept.error().to_string()}});
    next_.clear();
    return;
  }
  next_ = std::move(swept->next);
  if (swept->removed > 0) static_cast<void>(committer_.submit(std::move(swept->writes)));
}

}  // namespace chancery::server
