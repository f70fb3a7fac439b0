#include "storage/sqlite/hot_file.h"

#include <unistd.h>

#include <utility>

#include "storage/index_row.h"
#include "storage/sqlite/directory.h"

namespace chancery::storage::sqlite {
namespace {

constexpr std::string_view kClosed = "closed";

constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"
    "PRAGMA secure_delete = OFF; PRAGMA wal_autocheckpoint = 8192";

Result<Database> open_database(const std::string& path) {
  Database database = TRY(Database::open(path, OpenMode::kReadWrite));
  sqlite3_busy_timeout(database.handle(), 1000);
  TRY(database.execute(kSettings));
  return database;
}

// What the file says of itself: closed in good order, or written by this run of the machine.
Result<bool> trustworthy(Database& database) {
  Statement statement = TRY(database.prepare("SELECT boot FROM meta"));
  if (!TRY(statement.step())) return false;
  const std::string_view boot = statement.text(0);
  return boot == kClosed || (!boot.empty() && boot == boot_id());
}

}  // namespace

// The mark is durable before what it vouches for can change.
Result<void> HotFile::mark(std::string_view boot) {
  TRY(database_.execute("PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)"));
  Statement statement = TRY(database_.prepare("UPDATE meta SET boot = ?1"));
  statement.bind(1, boot);
  TRY(statement.run());
  return database_.execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = OFF");
}

Result<void> HotFile::prepare() {
  writer_ = TRY(EntryWriter::make(database_));
  move_ = TRY(database_.prepare("UPDATE meta SET position = ?1"));
  return mark(boot_id());
}

Result<std::unique_ptr<HotFile>> HotFile::create(const std::string& path, std::uint64_t first) {
  // Not inside the new-expression: a TRY that returns there would leak.
  Database opened = TRY(open_database(path));
  std::unique_ptr<HotFile> file(new HotFile(std::move(opened)));
  Database& database = file->database_;
  TRY(database.execute("BEGIN IMMEDIATE"));
  TRY(create_index_tables(database));
  TRY(create_index_indexes(database));
  TRY(database.execute("CREATE TABLE meta(boot TEXT NOT NULL, position INTEGER NOT NULL)"));
  TRY(database.execute("INSERT INTO meta VALUES('', " + std::to_string(first) + ")"));
  TRY(database.execute("COMMIT"));
  TRY(file->prepare());
  file->position_ = first;
  return file;
}

Result<std::unique_ptr<HotFile>> HotFile::open(const std::string& path) {
  Database opened = TRY(open_database(path));
  std::unique_ptr<HotFile> file(new HotFile(std::move(opened)));
  if (!TRY(trustworthy(file->database_))) {
    return fail(Code::kDataLoss, "the machine stopped before the index was written out");
  }
  const auto position = TRY(file->database_.query_integer("SELECT position FROM meta"));
  const auto rows = TRY(file->database_.query_integer("SELECT count(*) FROM certificate"));
  if (!position || !rows) return fail(Code::kDataLoss, "the index file has no position");
  file->position_ = static_cast<std::uint64_t>(*position);
  file->rows_ = static_cast<std::uint64_t>(*rows);
  TRY(file->prepare());
  return file;
}

Result<void> HotFile::write_rows(const std::vector<RowTable::RowPtr>& rows, std::uint64_t end) {
  TRY(database_.execute("BEGIN IMMEDIATE"));
  for (const RowTable::RowPtr& row : rows) {
    TRY(writer_.add(index_entry(*row)));
    for (const std::string& name : index_names(*row)) {
      const std::string key = name_key(name);
      TRY(writer_.add_name(key, row->log_index));
    }
  }
  move_.bind(1, end);
  TRY(move_.run());
  return database_.execute("COMMIT");
}

Result<void> HotFile::write(const std::vector<RowTable::RowPtr>& rows, std::uint64_t end) {
  const Result<void> written = write_rows(rows, end);
  if (!written) {
    if (database_.in_transaction()) (void)database_.execute("ROLLBACK");
    return written;
  }
  position_ = end;
  rows_ += rows.size();
  return {};
}

Result<void> HotFile::close() { return mark(kClosed); }

}  // namespace chancery::storage::sqlite
