#include <unistd.h>

#include <memory>
#include <utility>

#include "storage/sqlite/database.h"
#include "storage/sqlite/directory.h"
#include "storage/sqlite/main_rows.h"
#include "storage/sqlite/sqlite_store.h"

namespace chancery::storage::sqlite {
namespace {

// Nobody sees the file before finish(), so nothing is synced before.
constexpr const char* kSettings =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
    "PRAGMA cache_size = -16384";

class SqliteLoader final : public Loader {
 public:
  explicit SqliteLoader(std::string directory) : directory_(std::move(directory)) {}

  Result<void> start() {
    lock_ = TRY(DirectoryLock::take(directory_));
    if (::access(main_path().c_str(), F_OK) == 0) {
      return std::unexpected(
          Error{Code::kAlreadyExists, "there is a store already", {}, {}}.with("path", directory_));
    }
    database_ = TRY(Database::open(main_path(), OpenMode::kReadWrite));
    TRY(database_.execute(kSettings));
    TRY(prepare_schema(database_));
    append_ = TRY(database_.prepare(sql::kAppend));
    put_ = TRY(database_.prepare(sql::kStatePut));
    return database_.execute("BEGIN IMMEDIATE");
  }

  Result<void> append(const record::LogRow& row) override {
    if (row.index != next_) {
      return fail(Code::kInvalidArgument, "log row " + std::to_string(row.index) + " where row " +
                                              std::to_string(next_) + " belongs");
    }
    ++next_;
    bind_entry(append_, row.index, row.entry);
    return append_.run();
  }

  Result<void> put(const record::StateRow& row) override {
    bind_state(put_, row);
    return put_.run();
  }

  Result<void> finish() override {
    TRY(database_.execute("COMMIT"));
    append_ = {};
    put_ = {};
    database_ = {};
    TRY(sync_file(main_path()));
    return sync_directory(directory_);
  }

 private:
  [[nodiscard]] std::string main_path() const { return directory_ + "/main.db"; }

  const std::string directory_;
  std::unique_ptr<DirectoryLock> lock_;
  Database database_;
  Statement append_;
  Statement put_;
  std::uint64_t next_ = 0;
};

}  // namespace

Result<std::unique_ptr<Loader>> make_loader(const std::string& directory) {
  auto loader = std::make_unique<SqliteLoader>(directory);
  TRY(loader->start());
  return loader;
}

}  // namespace chancery::storage::sqlite
