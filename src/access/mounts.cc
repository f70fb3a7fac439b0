#include "access/mounts.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "access/grant_event.h"
#include "access/row_codec.h"
#include "base/text.h"
#include "base/uuid.h"

namespace chancery::access {
namespace {

using record::StateKind;

constexpr std::size_t kMaxPath = 256;
constexpr std::size_t kPage = 1000;

// One row that every change of the table writes, so that changes happen one after the other.
record::StateKey epoch_key() { return {StateKind::kSettings, {}, "mounts"}; }

Result<std::int64_t> read_epoch(BytesView value) {
  asn1::Reader reader(value);
  const std::int64_t epoch = TRY(reader.read_int64());
  TRY(reader.finish());
  return epoch;
}

Bytes write_epoch(std::int64_t epoch) {
  asn1::Writer w(16);
  w.integer(epoch);
  return std::move(w).take();
}

std::string with_slash(std::string_view path) {
  std::string out(path);
  while (out.starts_with('/')) out.erase(0, 1);
  if (!out.ends_with('/')) out += '/';
  return out;
}

std::unexpected<Error> refuse(std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", "path"));
}

bool is_reserved(std::string_view path) {
  constexpr std::array<std::string_view, 5> kReserved{"auth/", "sys/", "audit/", "cubbyhole/",
                                                      "identity/"};
  return std::ranges::any_of(kReserved,
                             [&](std::string_view prefix) { return path.starts_with(prefix); });
}

Result<void> check_path(const std::string& path) {
  const bool clean = std::ranges::all_of(
      path, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  if (path == "/" || path.contains("//") || path.size() > kMaxPath || !clean ||
      !is_valid_utf8(path) || path.contains('*') || path.starts_with("./") ||
      path.contains("/./") || path.starts_with("../") || path.contains("/../"))
    return refuse("not a path to mount at: " + printable(path));
  return {};
}

std::string full(MountKind kind, std::string_view path) {
  return (kind == MountKind::kAuth ? "auth/" : "") + std::string(path);
}

record::Event mount_event(const Grant& grant, record::EventKind kind, const Mount& mount,
                          std::string_view request_id, TimePoint now) {
  record::Event event = grant_event(grant, kind, mount.full_path(), request_id, now);
  event.scope = mount.scope();
  event.details.push_back({"accessor", mount.accessor});
  event.details.push_back({"type", mount.type});
  return event;
}

}  // namespace

Mounts::Mounts(record::Store& store, const Clock& clock, Random& random)
    : store_(store), clock_(clock), random_(random) {
  store.committer().observe(*this);
}

Result<void> Mounts::open(const OnLane& on_lane) {
  const auto row = TRY(store_.state().get(epoch_key()));
  if (row) return load();
  TRY(store_.committer().submit(first_mounts()).wait(on_lane));
  return {};
}

record::WriteSet Mounts::first_mounts() {
  record::WriteSet writes;
  writes.require_absent(epoch_key());
  writes.put(epoch_key(), write_epoch(1));
  Mount pki;
  pki.path = "pki/";
  pki.type = "pki";
  name_it(pki);
  pki.storage = kFirstStorage;
  Mount token;
  token.kind = MountKind::kAuth;
  token.path = "token/";
  token.type = "token";
  token.token_type = "default-service";
  token.description = "token based credentials";
  name_it(token);
  for (const Mount* mount : {&pki, &token}) {
    writes.append(mount_event(system_grant(mount->scope()), record::EventKind::kMountCreated,
                              *mount, {}, clock_.now()));
    writes.put(mount_key(mount->kind, mount->path), encode_row(*mount));
  }
  return writes;
}

Result<void> Mounts::load() {
  const auto row = TRY(store_.state().get(epoch_key()));
  std::string after;
  while (true) {
    const auto rows = TRY(store_.state().list(StateKind::kMount, {}, after, kPage));
    for (const record::StateRow& found : rows) {
      Mount mount = TRY(decode_mount(found.key.id, found.value));
      const std::scoped_lock lock(mutex_);
      insert(std::move(mount));
    }
    if (rows.size() < kPage) break;
    after = rows.back().key.id;
  }
  if (!row) return fail(Code::kDataLoss, "the table of mounts is gone");
  const std::scoped_lock lock(mutex_);
  epoch_ = TRY(read_epoch(row->value));
  return {};
}

// Draws accessor, identifier and storage.
void Mounts::name_it(Mount& mount) {
  std::array<std::uint8_t, 4> handle{};
  random_.fill(handle);
  mount.accessor = (mount.kind == MountKind::kAuth ? "auth_" : "") + mount.type + "_" + hex(handle);
  mount.uuid = make_uuid(random_);
  // The accessor is short; what is stored under it must never meet what another mount left.
  mount.storage = mount.accessor + "-" + mount.uuid + "/";
}

std::string Mounts::remember_move(std::string from, std::string to) {
  Migration migration{make_uuid(random_), std::move(from), std::move(to)};
  const std::scoped_lock lock(mutex_);
  migrations_.push_back(migration);
  if (migrations_.size() > kMostMigrations) migrations_.pop_front();
  return migration.id;
}

std::optional<Mounts::Migration> Mounts::migration(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const auto it = std::ranges::find(migrations_, id, &Migration::id);
  return it == migrations_.end() ? std::nullopt : std::optional(*it);
}

Mounts::Entry Mounts::match(MountKind kind, std::string_view path) const {
  const std::shared_lock lock(mutex_);
  const Table& mounts = table(kind);
  for (std::size_t end = path.find('/'); end != path.npos; end = path.find('/', end + 1)) {
    if (const auto it = mounts.find(path.substr(0, end + 1)); it != mounts.end()) return it->second;
  }
  const auto whole = mounts.find(with_slash(path));
  return whole == mounts.end() ? nullptr : whole->second;
}

Mounts::Entry Mounts::find(MountKind kind, std::string_view path) const {
  const std::shared_lock lock(mutex_);
  const auto it = table(kind).find(with_slash(path));
  return it == table(kind).end() ? nullptr : it->second;
}

Mounts::Entry Mounts::by_storage(std::string_view storage) const {
  const std::shared_lock lock(mutex_);
  const auto it = storages_.find(storage);
  return it == storages_.end() ? nullptr : it->second;
}

std::vector<Mounts::Entry> Mounts::list(MountKind kind) const {
  std::vector<Entry> out;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [path, mount] : table(kind)) out.push_back(mount);
  }
  std::ranges::sort(out, {}, [](const Entry& mount) { return std::string_view(mount->path); });
  return out;
}

Mounts::Limits Mounts::ttl_limits(const Mount& mount) {
  Limits limits;
  if (mount.default_ttl.count() > 0) limits.default_ttl = mount.default_ttl;
  if (mount.max_ttl.count() > 0) limits.max_ttl = mount.max_ttl;
  return limits;
}

Mounts::Limits Mounts::ttl_limits(std::string_view storage) const {
  const Entry mount = by_storage(storage);
  return mount ? ttl_limits(*mount) : Limits{};
}

// Nothing may stand in another mount or around one.
Result<void> Mounts::check_free(MountKind kind, const std::string& path,
                                std::string_view words) const {
  if (const Entry outer = match(kind, path))
    return refuse(std::string(words) +
                  (words.ends_with('"') ? outer->full_path() + "\"" : outer->path));
  const std::shared_lock lock(mutex_);
  if (secret_.size() + auth_.size() >= kMostMounts) return refuse("there are too many mounts");
  for (const auto& [taken, mount] : table(kind)) {
    if (taken.starts_with(path))
      return refuse(std::string(words) +
                    (words.ends_with('"') ? mount->full_path() + "\"" : taken));
  }
  return {};
}

// Begins the write set of a change: it happens only if the table is still as it is here.
Result<record::WriteSet> Mounts::begin() const {
  const auto row = TRY(store_.state().get(epoch_key()));
  if (!row) return fail(Code::kDataLoss, "the table of mounts is gone");
  const std::int64_t stored = TRY(read_epoch(row->value));
  {
    const std::shared_lock lock(mutex_);
    if (stored != epoch_) return fail(Code::kConflict, "another mount is being changed; try again");
  }
  record::WriteSet writes;
  writes.require_version(row->key, row->version);
  writes.put(row->key, write_epoch(stored + 1));
  return writes;
}

Result<record::Staged<Mounts::Entry>> Mounts::create(const Grant& grant, Mount wanted,
                                                     std::string_view request_id) {
  wanted.path = with_slash(wanted.path);
  if (wanted.kind == MountKind::kSecret && is_reserved(wanted.path))
    return refuse("cannot mount \"" + printable(wanted.path) + "\"");
  TRY(check_path(wanted.path));
  auto writes = TRY(begin());
  TRY(check_free(wanted.kind, wanted.path, "path is already in use at "));
  name_it(wanted);
  writes.append(
      mount_event(grant, record::EventKind::kMountCreated, wanted, request_id, clock_.now()));
  writes.put(mount_key(wanted.kind, wanted.path), encode_row(wanted));
  return record::Staged<Entry>(std::make_shared<const Mount>(std::move(wanted)), std::move(writes));
}

Result<record::Staged<Mounts::Entry>> Mounts::tune(const Grant& grant, MountKind kind,
                                                   std::string_view path, const Change& change,
                                                   std::string_view request_id) {
  auto writes = TRY(begin());
  const Entry old = match(kind, path);
  if (!old) return fail(Code::kNotFound, "no mount entry found");
  Mount mount = *old;
  TRY(change(mount));
  writes.append(
      mount_event(grant, record::EventKind::kMountTuned, mount, request_id, clock_.now()));
  writes.put(mount_key(kind, mount.path), encode_row(mount));
  return record::Staged<Entry>(std::make_shared<const Mount>(std::move(mount)), std::move(writes));
}

Result<record::Staged<Mounts::Entry>> Mounts::move(const Grant& grant, MountKind kind,
                                                   std::string_view from, std::string_view to,
                                                   std::string_view request_id) {
  const std::string source = with_slash(from);
  const std::string target = with_slash(to);
  if (kind == MountKind::kSecret ? is_reserved(source) : source == "token/")
    return refuse("cannot remount \"" + printable(full(kind, source)) + "\"");
  if (kind == MountKind::kSecret ? is_reserved(target) : target == "token/")
    return refuse("cannot remount to destination " + printable(full(kind, target)));
  TRY(check_path(target));
  auto writes = TRY(begin());
  const Entry old = find(kind, source);
  TRY(check_free(kind, target, "path already in use at \""));
  if (!old) return refuse("no matching mount at \"" + printable(full(kind, source)) + "\"");
  Mount mount = *old;
  mount.path = target;
  record::Event event =
      mount_event(grant, record::EventKind::kMountMoved, mount, request_id, clock_.now());
  event.details.push_back({"from", old->full_path()});
  writes.append(event);
  writes.erase(mount_key(kind, source));
  writes.put(mount_key(kind, target), encode_row(mount));
  return record::Staged<Entry>(std::make_shared<const Mount>(std::move(mount)), std::move(writes));
}

Result<record::Staged<bool>> Mounts::remove(const Grant& grant, MountKind kind,
                                            std::string_view path, std::string_view request_id) {
  const std::string source = with_slash(path);
  if (kind == MountKind::kAuth && source == "token/")
    return refuse("token credential backend cannot be disabled");
  if (kind == MountKind::kSecret && is_reserved(source))
    return refuse("cannot unmount \"" + printable(source) + "\"");
  auto writes = TRY(begin());
  const Entry old = find(kind, source);
  if (!old) return record::Staged<bool>(false, {});
  writes.append(
      mount_event(grant, record::EventKind::kMountRemoved, *old, request_id, clock_.now()));
  writes.erase(mount_key(kind, source));
  if (old->storage != kFirstStorage)
    writes.put({StateKind::kRemovedMount, {}, old->storage}, to_bytes(old->full_path()));
  return record::Staged<bool>(true, std::move(writes));
}

Result<std::optional<record::Scope>> Mounts::next_removed() const {
  const auto removed = TRY(store_.state().list(StateKind::kRemovedMount, {}, {}, 1));
  if (removed.empty()) return std::nullopt;
  return record::Scope{"root", removed.front().key.id};
}

Result<Mounts::Swept> Mounts::sweep(std::size_t page) {
  // Revocations and CRL numbers stay: certificates live on. Issuers and keys are ca's to remove.
  constexpr std::array kKinds{
      StateKind::kRole,      StateKind::kProfile,         StateKind::kAppRole,
      StateKind::kAppRoleId, StateKind::kSecretId,        StateKind::kSecretIdAccessor,
      StateKind::kUser,      StateKind::kCertificateRole, StateKind::kCertificateCrl};
  Swept swept;
  const auto removed = TRY(next_removed());
  if (!removed) return swept;
  const record::Scope& scope = *removed;
  for (const StateKind kind : kKinds) {
    auto rows = TRY(store_.state().list(kind, scope, {}, page));
    if (rows.empty()) continue;
    for (record::StateRow& row : rows) {
      if (kind == StateKind::kSecretId)
        swept.writes.erase({StateKind::kCounter, scope, row.key.id});
      swept.writes.erase(std::move(row.key));
      ++swept.removed;
    }
    return swept;
  }
  swept.writes.erase({StateKind::kRemovedMount, {}, scope.mount});
  swept.removed = 1;
  return swept;
}

void Mounts::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) apply(change);
  }
}

void Mounts::apply(const record::StateChange& change) {
  if (change.key.kind == StateKind::kSettings && change.key == epoch_key()) {
    if (const auto epoch = read_epoch(change.value)) {
      const std::scoped_lock lock(mutex_);
      epoch_ = *epoch;
    }
    return;
  }
  if (change.key.kind != StateKind::kMount) return;
  const bool auth = change.key.id.starts_with("auth ");
  const std::string path = change.key.id.substr(change.key.id.find(' ') + 1);
  const std::scoped_lock lock(mutex_);
  drop(auth ? MountKind::kAuth : MountKind::kSecret, path);
  if (change.operation != record::StateChange::Operation::kPut) return;
  if (auto mount = decode_mount(change.key.id, change.value)) insert(*std::move(mount));
}

void Mounts::insert(Mount mount) {
  auto entry = std::make_shared<const Mount>(std::move(mount));
  (entry->kind == MountKind::kAuth ? auth_ : secret_)[entry->path] = entry;
  storages_[entry->storage] = entry;
}

void Mounts::drop(MountKind kind, const std::string& path) {
  Table& mounts = kind == MountKind::kAuth ? auth_ : secret_;
  const auto it = mounts.find(path);
  if (it == mounts.end()) return;
  // A mount that moves is at its new place before it leaves the old one, or the other way about.
  if (const auto stored = storages_.find(it->second->storage);
      stored != storages_.end() && stored->second->path == path)
    storages_.erase(stored);
  mounts.erase(it);
}

}  // namespace chancery::access
