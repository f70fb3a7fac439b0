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

// destroy_keys says whether a removed mount had issuers or keys, which are gone then. Keys go
// first: the mount is gone for good, and what a crash leaves in between is a row without a key.
bool MountSweep::destroy_keys() {
  const auto removed = methods_.mounts.next_removed();
  if (!removed || !*removed) return false;
  const record::Scope& scope = **removed;
  const auto keys = hierarchy_.keys(scope);
  if (keys && keys->empty()) return false;
  auto staged = hierarchy_.erase_all(access::local_operator(scope), "mount-sweep");
  if (!keys || !staged) {
    log_.warning("keys of a removed mount were not destroyed", {{"mount", scope.mount}});
    return true;  // its rows stay until they are
  }
  std::vector<std::string> ids;
  for (const ca::KeyRecord& key : *keys) ids.push_back(key.id);
  hierarchy_.destroy(ids);
  log_.info("keys of a removed mount were destroyed",
            {{"mount", scope.mount}, {"keys", std::to_string(ids.size())}});
  static_cast<void>(staged->submit(committer_));
  return true;
}

void MountSweep::tend_removed() {
  if (destroy_keys()) return;
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
