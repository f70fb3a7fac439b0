#include "storage/sqlite/sqlite_engine.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "storage/sqlite/main_rows.h"

namespace chancery::storage::sqlite {
namespace {

// Damage that SQLite itself finds concerns the whole file, not one row: it must not pass for a
// refusal.
Error fatal(Error error) {
  if (error.code == Code::kDataLoss) error.code = Code::kInternal;
  return error;
}

int on_commit(void* checkpointer, sqlite3*, const char*, int frames) {
  static_cast<Checkpointer*>(checkpointer)->wal_has(static_cast<std::uint64_t>(frames));
  return SQLITE_OK;
}

}  // namespace

SqliteEngine::SqliteEngine(Database database, std::string reserve, std::uint64_t reserve_size,
                           Checkpointer& checkpointer, Hooks hooks)
    : database_(std::move(database)),
      reserve_(std::move(reserve)),
      reserve_size_(reserve_size),
      checkpointer_(checkpointer),
      hooks_(std::move(hooks)),
      gate_(checkpointer.write_gate(), std::defer_lock) {}

Result<std::unique_ptr<SqliteEngine>> SqliteEngine::make(Database database, std::string directory,
                                                         std::uint64_t reserve_size,
                                                         Checkpointer& checkpointer, Hooks hooks) {
  std::unique_ptr<SqliteEngine> engine(new SqliteEngine(
      std::move(database), directory + "/reserve", reserve_size, checkpointer, std::move(hooks)));
  TRY(engine->prepare());
  return engine;
}

Result<void> SqliteEngine::prepare() {
  begin_ = TRY(database_.prepare("BEGIN IMMEDIATE"));
  commit_ = TRY(database_.prepare("COMMIT"));
  rollback_ = TRY(database_.prepare("ROLLBACK"));
  get_ = TRY(database_.prepare(sql::kStateFrom));
  put_ = TRY(database_.prepare(sql::kStatePut));
  erase_ = TRY(database_.prepare(sql::kStateErase));
  append_ = TRY(database_.prepare(sql::kAppend));
  log_size_ = TRY(read_log_size(database_));
  sqlite3_wal_hook(database_.handle(), on_commit, &checkpointer_);
  return {};
}

Result<void> SqliteEngine::begin() {
  checkpointer_.bound_wal();
  gap_.reset();
  gate_.lock();
  return begin_.run();
}

bool SqliteEngine::Gap::covers(const record::StateKey& key) const {
  return key.kind == from.kind && key.id >= from.id && (!end || key.id < *end) &&
         key.scope == from.scope;
}

Result<std::optional<record::StateRow>> SqliteEngine::get(const record::StateKey& key) {
  if (gap_ && gap_->covers(key)) return std::optional<record::StateRow>();
  const Resetting resetting(get_);
  bind_key(get_, key);
  const Result<bool> found = get_.step();
  if (!found) return std::unexpected(fatal(found.error()));
  if (*found && get_.text(0) == key.id) return TRY(read_state(get_, key.kind, key.scope));
  gap_ = Gap{key, *found ? std::optional<std::string>(get_.text(0)) : std::nullopt};
  return std::optional<record::StateRow>();
}

Result<void> SqliteEngine::put(const record::StateRow& row) {
  gap_.reset();
  bind_state(put_, row);
  return put_.run();
}

Result<void> SqliteEngine::erase(const record::StateKey& key) {
  gap_.reset();
  bind_key(erase_, key);
  return erase_.run();
}

Result<void> SqliteEngine::append(std::uint64_t index, const record::LogEntry& entry) {
  bind_entry(append_, index, entry);
  return append_.run();
}

Result<void> SqliteEngine::commit() {
  TRY(commit_.run());
  gate_.unlock();
  return {};
}

void SqliteEngine::rollback() {
  // After SQLITE_FULL and I/O errors SQLite has often rolled back by itself. Should this fail, the
  // next begin() fails too, and takes the store out of service.
  if (database_.in_transaction()) (void)rollback_.run();
  if (gate_.owns_lock()) gate_.unlock();
}

void SqliteEngine::publish(std::uint64_t log_size, std::vector<record::LogRow> rows) {
  hooks_.publish(log_size, std::move(rows));
}

bool SqliteEngine::release_reserve() { return ::unlink(reserve_.c_str()) == 0; }

bool SqliteEngine::restore_reserve() {
  const int fd = ::open(reserve_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  // Allocated blocks, not a hole: the space must be there when it is needed.
  const int result = ::posix_fallocate(fd, 0, static_cast<off_t>(reserve_size_));
  ::close(fd);
  if (result != 0) ::unlink(reserve_.c_str());
  return result == 0;
}

}  // namespace chancery::storage::sqlite
