#include "http/site.h"

#include <algorithm>

#include "base/result.h"

namespace chancery::http {

void Site::mount(std::string_view prefix, Application& application) {
  if (prefix == "/") prefix = "";
  CHANCERY_CHECK(prefix.empty() || (prefix.front() == '/' && prefix.back() != '/'));
  CHANCERY_CHECK(
      std::ranges::none_of(mounts_, [&](const Mount& mount) { return mount.prefix == prefix; }));
  const auto shorter = std::ranges::find_if(
      mounts_, [&](const Mount& mount) { return mount.prefix.size() < prefix.size(); });
  mounts_.insert(shorter, Mount{std::string(prefix), &application});
}

bool Site::is_opaque(std::string_view raw_path) const {
  const Application* application = find(raw_path);
  return application != nullptr && application->is_opaque(raw_path);
}

Application* Site::find(std::string_view path) const {
  for (const Mount& mount : mounts_) {
    if (!path.starts_with(mount.prefix)) continue;
    if (path.size() == mount.prefix.size() || path[mount.prefix.size()] == '/')
      return mount.application;
  }
  return nullptr;
}

}  // namespace chancery::http
