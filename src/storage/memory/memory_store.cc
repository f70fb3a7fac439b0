#include "storage/memory/memory_store.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <utility>

#include "storage/index_row.h"
#include "storage/memory/memory_data.h"
#include "storage/memory/memory_files.h"

namespace chancery::storage::memory {
namespace {

using record::CertificateRow;

constexpr std::size_t kPage = 1000;

class MemorySnapshot final : public Snapshot {
 public:
  MemorySnapshot(std::uint64_t log_size, std::vector<record::StateRow> rows)
      : log_size_(log_size), rows_(std::move(rows)) {}
  [[nodiscard]] std::uint64_t log_size() const override { return log_size_; }
  [[nodiscard]] Result<std::vector<record::StateRow>> next(std::size_t limit) override {
    const std::size_t end = std::min(rows_.size(), next_ + limit);
    const std::vector<record::StateRow> page(rows_.begin() + static_cast<std::ptrdiff_t>(next_),
                                             rows_.begin() + static_cast<std::ptrdiff_t>(end));
    next_ = end;
    return page;
  }

 private:
  std::uint64_t log_size_;
  std::vector<record::StateRow> rows_;
  std::size_t next_ = 0;
};

class MemoryStore final : public ManagedStore {
 public:
  MemoryStore(Log& log, CommitterOptions options)
      : state_(data_, publication_),
        log_(data_, publication_),
        index_(data_),
        engine_(data_),
        committer_(engine_, publication_, log, options) {}
  ~MemoryStore() override { committer_.stop(); }

  record::StateReader& state() override { return state_; }
  record::LogReader& log() override { return log_; }
  record::CertificateIndex& index() override { return index_; }
  record::Committer& committer() override { return committer_; }
  record::DerivedFiles& files() override { return files_; }

  [[nodiscard]] Result<void> rebuild_index() override;
  [[nodiscard]] Result<record::CheckReport> check() override;
  [[nodiscard]] StoreHealth health() const override;
  [[nodiscard]] CommitStatistics statistics() const override { return committer_.statistics(); }
  [[nodiscard]] Result<std::unique_ptr<Snapshot>> snapshot() override;
  void stop() override { committer_.stop(); }

 private:
  MemoryData data_;
  Publication publication_;
  MemoryState state_;
  MemoryLog log_;
  MemoryIndex index_;
  MemoryFiles files_;
  MemoryEngine engine_;
  GroupCommitter committer_;
};

Result<void> MemoryStore::rebuild_index() {
  const std::uint64_t end = data_.index.end();
  std::vector<record::LogRow> rows;
  for (std::uint64_t first = 0; first < end;) {
    for (record::LogRow& row : TRY(log_.read(first, kPage))) {
      first = row.index + 1;
      if (row.index < end) rows.push_back(std::move(row));
    }
  }
  data_.index.replace(rows, end);
  return {};
}

Result<record::CheckReport> MemoryStore::check() {
  record::CheckReport report;
  const std::uint64_t end = data_.index.end();
  while (report.rows < end) {
    const auto rows = TRY(log_.read(report.rows, kPage));
    for (const record::LogRow& row : rows) {
      ++report.rows;
      const auto expected = index_row(row.index, row.entry);
      if (!expected) continue;
      ++report.certificates;
      const auto found = data_.index.find_by_fingerprint(expected->fingerprint);
      if (!found || found->serial != expected->serial) {
        report.problems.push_back("log row " + std::to_string(row.index) + " is not in the index");
      }
    }
  }
  return report;
}

Result<std::unique_ptr<Snapshot>> MemoryStore::snapshot() {
  std::vector<record::StateRow> rows;
  std::uint64_t log_size = 0;
  {
    const std::shared_lock lock(data_.mutex);
    log_size = data_.log.size();
    for (const auto& [key, row] : data_.state) rows.push_back(row);
  }
  TRY(publication_.await_log(log_size));
  std::ranges::sort(rows, {}, [](const record::StateRow& row) {
    const record::StateKey& key = row.key;
    return std::tie(key.scope.tenant, key.scope.mount, key.kind, key.id);
  });
  return std::make_unique<MemorySnapshot>(log_size, std::move(rows));
}

StoreHealth MemoryStore::health() const {
  StoreHealth health;
  committer_.report(health);
  health.log_rows = log_.size();
  return health;
}

}  // namespace

std::unique_ptr<ManagedStore> make_store(Log& log, CommitterOptions options) {
  return std::make_unique<MemoryStore>(log, options);
}

}  // namespace chancery::storage::memory
