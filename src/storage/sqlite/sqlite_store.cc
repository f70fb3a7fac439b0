#include "storage/sqlite/sqlite_store.h"

#include <algorithm>
#include <utility>

#include "storage/sqlite/checkpointer.h"
#include "storage/sqlite/directory.h"
#include "storage/sqlite/indexer.h"
#include "storage/sqlite/main_rows.h"
#include "storage/sqlite/mapped_files.h"
#include "storage/sqlite/readers.h"
#include "storage/sqlite/snapshot.h"
#include "storage/sqlite/sqlite_engine.h"
#include "storage/sqlite/sqlite_index.h"
#include "storage/sqlite/store_check.h"

namespace chancery::storage::sqlite {
namespace {

// The committer alone decides when the WAL is copied, so no commit does it by the way.
constexpr const char* kWriterSettings =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = OFF; PRAGMA cache_size = -16384";

class SqliteStore final : public ManagedStore {
 public:
  SqliteStore(std::string directory, const Options& options, Log& log)
      : directory_(std::move(directory)),
        options_(options),
        logger_(log),
        files_(directory_ + "/derived") {}
  ~SqliteStore() override { stop(); }

  Result<void> start();

  record::StateReader& state() override { return *state_; }
  record::LogReader& log() override { return *log_; }
  record::CertificateIndex& index() override { return *index_; }
  record::Committer& committer() override { return *committer_; }
  record::DerivedFiles& files() override { return files_; }

  [[nodiscard]] Result<void> rebuild_index() override { return indexer_->rebuild(); }
  [[nodiscard]] Result<record::CheckReport> check() override {
    return check_store(main_path(), *log_, *indexer_);
  }
  [[nodiscard]] StoreHealth health() const override;
  [[nodiscard]] CommitStatistics statistics() const override { return committer_->statistics(); }
  [[nodiscard]] Result<std::unique_ptr<Snapshot>> snapshot() override;
  void stop() override;

 private:
  [[nodiscard]] std::string main_path() const { return directory_ + "/main.db"; }
  Result<Database> open_writer();
  Result<void> start_checkpointer();
  Result<void> start_engine(Database writer);
  [[nodiscard]] Result<void> admit(const record::WriteSet& set) const;

  const std::string directory_;
  const Options options_;
  Log& logger_;
  std::unique_ptr<DirectoryLock> lock_;
  MappedFiles files_;
  Publication publication_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<SqliteEngine> engine_;
  std::unique_ptr<ReadPool> pool_;
  std::unique_ptr<SqliteState> state_;
  std::unique_ptr<SqliteLog> log_;
  std::unique_ptr<Indexer> indexer_;
  std::unique_ptr<SqliteIndex> index_;
  std::unique_ptr<GroupCommitter> committer_;
};

Result<Database> SqliteStore::open_writer() {
  Database writer = TRY(Database::open(main_path(), OpenMode::kReadWrite, options_.vfs));
  sqlite3_busy_timeout(writer.handle(), 5000);
  TRY(writer.execute(kWriterSettings));
  TRY(prepare_schema(writer));
  return writer;
}

Result<void> SqliteStore::start_checkpointer() {
  Database database = TRY(Database::open(main_path(), OpenMode::kReadWrite, options_.vfs));
  sqlite3_busy_timeout(database.handle(), 10);
  TRY(database.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0"));
  checkpointer_ =
      std::make_unique<Checkpointer>(std::move(database), Checkpointer::Limits{}, logger_,
                                     [this](std::string_view reason) { committer_->fail(reason); });
  return {};
}

Result<void> SqliteStore::start_engine(Database writer) {
  SqliteEngine::Hooks hooks;
  hooks.admit = [this](const record::WriteSet& set) { return admit(set); };
  hooks.publish = [this](std::uint64_t log_size, std::vector<record::LogRow> rows) {
    log_->set_size(log_size);  // first: what the index leads to can be read
    indexer_->publish(log_size, std::move(rows));
  };
  engine_ = TRY(SqliteEngine::make(std::move(writer), directory_, options_.reserve_size,
                                   *checkpointer_, std::move(hooks)));
  if (!engine_->restore_reserve()) {
    logger_.warning("no space for the reserve of revocations", {{"directory", directory_}});
  }
  return {};
}

Result<void> SqliteStore::start() {
  lock_ = TRY(DirectoryLock::take(directory_));
  TRY(make_private_directory(directory_ + "/derived"));
  Database writer = TRY(open_writer());
  TRY(start_checkpointer());
  TRY(start_engine(std::move(writer)));
  pool_ = TRY(ReadPool::open(main_path(), options_.vfs, std::max(1U, options_.readers)));
  state_ = std::make_unique<SqliteState>(*pool_, publication_);
  log_ = std::make_unique<SqliteLog>(*pool_, publication_, engine_->log_size());
  IndexOptions index;
  index.hot_rows = options_.hot_rows;
  index.tail_limit = options_.tail_limit;
  index.delay = options_.index_delay;
  index.batch = std::min<std::size_t>(index.batch, options_.hot_rows);
  indexer_ = TRY(Indexer::open(directory_ + "/index", *log_, index, logger_));
  index_ = std::make_unique<SqliteIndex>(*indexer_, *log_);
  committer_ =
      std::make_unique<GroupCommitter>(*engine_, publication_, logger_, options_.committer);
  return sync_directory(directory_);
}

// Only sets that bring certificates make the index longer; revocations always pass.
Result<void> SqliteStore::admit(const record::WriteSet& set) const {
  if (!indexer_->overloaded()) return {};
  const bool brings = std::ranges::any_of(
      set.entries, [](const record::LogEntry& entry) { return !entry.certificate.empty(); });
  if (!brings) return {};
  return std::unexpected(
      Error{Code::kTooManyRequests, "the certificate index is behind", {}, seconds{1}});
}

StoreHealth SqliteStore::health() const {
  StoreHealth health;
  committer_->report(health);
  health.log_rows = log_->size();
  health.index_lag = indexer_->lag();
  health.index_missing = indexer_->catalog().view()->missing;
  if (health.index_missing > 0) health.notes.push_back("the certificate index is being made again");
  if (const std::string trouble = indexer_->trouble(); !trouble.empty()) {
    health.notes.push_back("the certificate index cannot be written: " + trouble);
  }
  return health;
}

Result<std::unique_ptr<Snapshot>> SqliteStore::snapshot() {
  auto taken = TRY(take_snapshot(main_path(), directory_, options_.vfs));
  TRY(publication_.await_log(taken->log_size()));
  // What a commit that failed has left in the file is nobody's yet.
  if (log_->size() < taken->log_size())
    return fail(Code::kUnavailable, "the store is out of service");
  return taken;
}

void SqliteStore::stop() {
  if (committer_) committer_->stop();
  if (indexer_) indexer_->stop();
  if (checkpointer_) checkpointer_->stop();
}

}  // namespace

Result<std::unique_ptr<ManagedStore>> open(const std::string& directory, const Options& options,
                                           Log& log) {
  auto store = std::make_unique<SqliteStore>(directory, options, log);
  TRY(store->start());
  return store;
}

}  // namespace chancery::storage::sqlite
