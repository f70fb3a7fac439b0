#include "storage/memory/memory_store.h"

#include <utility>

#include "storage/index_row.h"
#include "storage/memory/memory_data.h"
#include "storage/memory/memory_files.h"

namespace chancery::storage::memory {
namespace {

using record::CertificateRow;

constexpr std::size_t kPage = 1000;

class MemoryStore final : public ManagedStore {
 public:
  MemoryStore(Log& log, CommitterOptions options)
      : state_(data_),
        log_(data_),
        index_(data_),
        engine_(data_),
        committer_(engine_, log, options) {}
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
  void stop() override { committer_.stop(); }

 private:
  MemoryData data_;
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
