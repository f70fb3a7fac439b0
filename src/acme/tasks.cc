#include "acme/tasks.h"

#include <utility>
#include <vector>

namespace chancery::acme {
namespace {

constexpr seconds kNoRoom{5};

}  // namespace

void Tasks::add(const std::string& name, std::string_view owner) {
  {
    const std::scoped_lock lock(mutex_);
    if (entries_.size() >= kMost && !entries_.contains(name)) return;
    Entry& entry = entries_[name];
    if (entry.running) return;
    entry.owner = owner;
    entry.due = clock_.now();
  }
  start(name);
}

void Tasks::add_unless_known(const std::string& name, std::string_view owner) {
  if (!knows(name)) add(name, owner);
}

bool Tasks::knows(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  return entries_.contains(name);
}

bool Tasks::hold(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto [entry, is_new] = entries_.try_emplace(name);
  if (!is_new) return false;
  entry->second.running = true;
  return true;
}

void Tasks::tend() {
  std::vector<std::string> due;
  {
    const std::scoped_lock lock(mutex_);
    const TimePoint now = clock_.now();
    for (const auto& [name, entry] : entries_) {
      if (!entry.running && entry.due <= now) due.push_back(name);
    }
  }
  for (const std::string& name : due) start(name);
}

std::size_t Tasks::waiting() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

void Tasks::start(const std::string& name) {
  std::string owner;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(name);
    if (found == entries_.end() || found->second.running) return;
    found->second.running = true;
    owner = found->second.owner;
  }
  const bool taken = background_.submit(
      place_, owner, [this, name](const OnLane& on_lane) { ended(name, run_(name, on_lane)); },
      [this, name] { ended(name, kNoRoom); });
  if (!taken) ended(name, kNoRoom);
}

void Tasks::ended(const std::string& name, std::optional<seconds> again) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end()) return;
  if (!again) {
    entries_.erase(found);
    return;
  }
  found->second.running = false;
  found->second.due = clock_.now() + *again;
}

}  // namespace chancery::acme
