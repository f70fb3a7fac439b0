#include "storage/sqlite/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace chancery::storage::sqlite {
namespace {

// One process has the directory, so the locks between connections can stay inside it: no fcntl
// calls (two a read otherwise) and no file for the WAL's index, which could meet a full disk.
constexpr const char* kVfs = "unix-excl";

Code code_of(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return Code::kStorageFull;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::kDataLoss;
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
      return Code::kUnavailable;
    default:
      return Code::kInternal;
  }
}

// SQLite would create the file with the mode that the umask leaves.
Result<void> create_private(const std::string& path) {
  // An existing file is not opened: closing it would drop the locks that SQLite holds on it.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    if (errno == EEXIST) return {};
    return std::unexpected(Error{
        errno == ENOSPC ? Code::kStorageFull : Code::kUnavailable,
        std::strerror(errno),
        {},
        {}}.with("path", path));
  }
  ::close(fd);
  return {};
}

// A path as an SQLite URI.
std::string uri(const std::string& path) {
  std::string out = "file:";
  for (const char c : path) {
    if (c == '?' || c == '#' || c == '%') {
      out += '%' + hex(as_bytes(std::string_view(&c, 1)));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Error to_error(int result, sqlite3* connection, std::string_view what) {
  std::string detail(what);
  detail += ": ";
  detail += connection == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(connection);
  return Error{code_of(result), std::move(detail), {}, {}}.with("sqlite", std::to_string(result));
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  Error error = to_error(result, sqlite3_db_handle(get()), "database");
  reset();
  return std::unexpected(std::move(error));
}

Result<void> Statement::run() {
  const Resetting resetting(*this);
  TRY(step());
  return {};
}

BytesView Statement::blob(int column) const {
  const void* data = sqlite3_column_blob(get(), column);
  return {static_cast<const std::uint8_t*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

std::string_view Statement::text(int column) const { return as_text(blob(column)); }

Result<Database> Database::open(const std::string& path, OpenMode mode, const std::string& vfs) {
  int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  std::string name = uri(path);
  if (mode == OpenMode::kReadWrite) {
    TRY(create_private(path));
    flags |= SQLITE_OPEN_READWRITE;
  } else {
    flags |= SQLITE_OPEN_READONLY;
    if (mode == OpenMode::kImmutable) name += "?immutable=1";
  }
  // SQLite would count its memory under one lock for all threads. Without effect once it is in use.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);
  sqlite3* raw = nullptr;
  const int result = sqlite3_open_v2(name.c_str(), &raw, flags, vfs.empty() ? kVfs : vfs.c_str());
  Database database;
  database.connection_.reset(raw);
  if (result != SQLITE_OK) {
    return std::unexpected(to_error(result, raw, "cannot open database").with("path", path));
  }
  return database;
}

Result<void> Database::execute(const std::string& sql) {
  const int result = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return std::unexpected(to_error(result, handle(), "database"));
  return {};
}

Result<std::optional<std::int64_t>> Database::query_integer(const std::string& sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return std::optional<std::int64_t>();
  return std::optional(statement.integer(0));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (result != SQLITE_OK) return std::unexpected(to_error(result, handle(), "cannot prepare"));
  return Statement(raw);
}

}  // namespace chancery::storage::sqlite
