#pragma once

// Internal to this folder: the only header that sees SQLite.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace chancery::storage::sqlite {

// to_error turns a result code into an Error: kStorageFull (SQLITE_FULL), kDataLoss (corrupt),
// kUnavailable (I/O, busy), kInternal (our mistake).
[[nodiscard]] Error to_error(int result, sqlite3* connection, std::string_view what);

// Statement is a prepared statement. Parameters count from 1, columns from 0. Bound text and blobs
// must live until reset(). Not thread-safe.
class Statement {
 public:
  Statement() = default;

  void bind(int parameter, std::int64_t value) { sqlite3_bind_int64(get(), parameter, value); }
  void bind(int parameter, std::uint64_t value) {
    bind(parameter, static_cast<std::int64_t>(value));
  }
  void bind(int parameter, std::string_view text) {
    sqlite3_bind_text64(get(), parameter, text.data() == nullptr ? "" : text.data(), text.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
  }
  void bind(int parameter, BytesView blob) {
    static constexpr std::uint8_t kEmpty = 0;
    sqlite3_bind_blob64(get(), parameter, blob.empty() ? &kEmpty : blob.data(), blob.size(),
                        SQLITE_STATIC);
  }
  void bind(int parameter, std::optional<std::int64_t> value) {
    if (value) {
      bind(parameter, *value);
    } else {
      sqlite3_bind_null(get(), parameter);
    }
  }

  // step returns whether there is a row. An error leaves the statement reset.
  [[nodiscard]] Result<bool> step();
  // run steps a statement without rows to its end and resets it.
  [[nodiscard]] Result<void> run();
  void reset() { sqlite3_reset(get()); }

  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(get(), column);
  }
  [[nodiscard]] std::uint64_t natural(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  [[nodiscard]] bool is_null(int column) const {
    return sqlite3_column_type(get(), column) == SQLITE_NULL;
  }
  // The views are valid until the next step or reset.
  [[nodiscard]] BytesView blob(int column) const;
  [[nodiscard]] std::string_view text(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] sqlite3_stmt* get() const { return statement_.get(); }

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Resetting ends a read when the scope ends, so that no transaction outlives it.
class [[nodiscard]] Resetting {
 public:
  explicit Resetting(Statement& statement) : statement_(statement) {}
  ~Resetting() { statement_.reset(); }
  Resetting(const Resetting&) = delete;
  Resetting& operator=(const Resetting&) = delete;

 private:
  Statement& statement_;
};

enum class OpenMode : std::uint8_t {
  kReadWrite,  // creates the file, mode 0600
  kReadOnly,
  kImmutable,  // a file that nobody writes any more: no locks at all
};

// Database is one connection. Not thread-safe; each belongs to one thread or is kept under a mutex.
class Database {
 public:
  Database() = default;
  // open: `vfs` names an SQLite VFS, "" the one for a single process. Errors: those of to_error;
  // names the path.
  [[nodiscard]] static Result<Database> open(const std::string& path, OpenMode mode,
                                             const std::string& vfs = {});

  [[nodiscard]] Result<void> execute(const std::string& sql);
  // query_integer returns the first column of the first row; nothing when there is none.
  [[nodiscard]] Result<std::optional<std::int64_t>> query_integer(const std::string& sql);
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }
  [[nodiscard]] sqlite3* handle() const { return connection_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace chancery::storage::sqlite
