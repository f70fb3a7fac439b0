#include "record/write_set.h"

#include "record/state_cache.h"

#include <utility>

namespace chancery::record {

void WriteSet::require_absent(StateKey key) {
  preconditions.push_back({Precondition::Test::kAbsent, std::move(key), 0});
}

void WriteSet::require_version(StateKey key, std::uint64_t version) {
  preconditions.push_back(
      {Precondition::Test::kVersion, std::move(key), static_cast<std::int64_t>(version)});
}

void WriteSet::put(StateKey key, Bytes value, std::uint16_t schema) {
  changes.push_back({StateChange::Operation::kPut, std::move(key), std::move(value), 0, schema});
}

void WriteSet::erase(StateKey key) {
  changes.push_back({StateChange::Operation::kErase, std::move(key), {}, 0, 1});
}

void WriteSet::append(Event event, Bytes certificate) {
  const EventKind kind = event.kind;
  entries.push_back({kind, encode(std::move(event)), std::move(certificate)});
}

std::string cache_key(const StateKey& key) {
  std::string name;
  name.reserve(key.scope.tenant.size() + key.scope.mount.size() + key.id.size() + 3);
  name.push_back(static_cast<char>(key.kind));
  // NUL cannot stand in a tenant or mount, so the parts cannot run together.
  name.append(key.scope.tenant).push_back('\0');
  name.append(key.scope.mount).push_back('\0');
  return name.append(key.id);
}

}  // namespace chancery::record
