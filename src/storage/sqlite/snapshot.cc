#include "storage/sqlite/snapshot.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "storage/sqlite/main_rows.h"

namespace chancery::storage::sqlite {
namespace {

using record::StateRow;

// Spool is an unnamed file of rows, written once and then read once.
class Spool {
 public:
  [[nodiscard]] static Result<Spool> make(const std::string& directory) {
    std::string name = directory + "/spool-XXXXXX";
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return failure("cannot make a spool");
    ::unlink(name.c_str());
    Spool spool;
    spool.file_.reset(::fdopen(fd, "w+b"));
    if (!spool.file_) {
      ::close(fd);
      return failure("cannot make a spool");
    }
    return spool;
  }

  [[nodiscard]] Result<void> write(const StateRow& row) {
    const Fixed fixed{row.version,
                      row.counter,
                      row.key.scope.tenant.size(),
                      row.key.scope.mount.size(),
                      row.key.id.size(),
                      row.value.size(),
                      static_cast<std::uint16_t>(row.key.kind),
                      row.schema};
    TRY(put(&fixed, sizeof fixed));
    TRY(put(row.key.scope.tenant.data(), fixed.tenant));
    TRY(put(row.key.scope.mount.data(), fixed.mount));
    TRY(put(row.key.id.data(), fixed.id));
    TRY(put(row.value.data(), fixed.value));
    ++rows_;
    return {};
  }
  [[nodiscard]] Result<void> rewind() {
    if (std::fflush(file_.get()) != 0) return failure("cannot write the spool");
    std::rewind(file_.get());
    return {};
  }

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] Result<StateRow> read() {
    Fixed fixed;
    StateRow row;
    TRY(get(&fixed, sizeof fixed));
    row.key.kind = static_cast<record::StateKind>(fixed.kind);
    row.version = fixed.version;
    row.counter = fixed.counter;
    row.schema = fixed.schema;
    row.key.scope.tenant.resize(fixed.tenant);
    row.key.scope.mount.resize(fixed.mount);
    row.key.id.resize(fixed.id);
    row.value.resize(fixed.value);
    TRY(get(row.key.scope.tenant.data(), fixed.tenant));
    TRY(get(row.key.scope.mount.data(), fixed.mount));
    TRY(get(row.key.id.data(), fixed.id));
    TRY(get(row.value.data(), fixed.value));
    --rows_;
    return row;
  }

 private:
  struct Fixed {
    std::uint64_t version = 0;
    std::int64_t counter = 0;
    std::size_t tenant = 0, mount = 0, id = 0, value = 0;
    std::uint16_t kind = 0, schema = 0;
  };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  static std::unexpected<Error> failure(std::string_view what) {
    const int number = errno;
    return fail(number == ENOSPC || number == EDQUOT ? Code::kStorageFull : Code::kUnavailable,
                std::string(what) + ": " + std::strerror(number));
  }
  Result<void> put(const void* data, std::size_t size) {
    if (size != 0 && std::fwrite(data, 1, size, file_.get()) != size)
      return failure("cannot write the spool");
    return {};
  }
  Result<void> get(void* data, std::size_t size) {
    if (size != 0 && std::fread(data, 1, size, file_.get()) != size)
      return failure("cannot read the spool");
    return {};
  }

  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t rows_ = 0;
};

class SpooledSnapshot final : public Snapshot {
 public:
  SpooledSnapshot(std::uint64_t log_size, Spool spool)
      : log_size_(log_size), spool_(std::move(spool)) {}
  [[nodiscard]] std::uint64_t log_size() const override { return log_size_; }
  [[nodiscard]] Result<std::vector<StateRow>> next(std::size_t limit) override {
    std::vector<StateRow> page;
    while (page.size() < limit && spool_.rows() > 0) page.push_back(TRY(spool_.read()));
    return page;
  }

 private:
  std::uint64_t log_size_;
  Spool spool_;
};

Result<void> spool_state(Database& database, Spool& spool) {
  Statement all = TRY(database.prepare(sql::kStateAll));
  while (TRY(all.step())) {
    const record::Scope scope{std::string(all.text(6)), std::string(all.text(7))};
    const StateRow row =
        TRY(read_state(all, static_cast<record::StateKind>(all.integer(8)), scope));
    TRY(spool.write(row));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Snapshot>> take_snapshot(const std::string& main_path,
                                                const std::string& directory,
                                                const std::string& vfs) {
  Database database = TRY(Database::open(main_path, OpenMode::kReadOnly, vfs));
  sqlite3_busy_timeout(database.handle(), 1000);
  Spool spool = TRY(Spool::make(directory));
  TRY(database.execute("BEGIN"));
  const std::uint64_t size = TRY(read_log_size(database));
  TRY(spool_state(database, spool));
  TRY(database.execute("COMMIT"));
  TRY(spool.rewind());
  return std::make_unique<SpooledSnapshot>(size, std::move(spool));
}

}  // namespace chancery::storage::sqlite
