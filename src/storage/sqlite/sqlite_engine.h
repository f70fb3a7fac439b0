#pragma once

// Internal to this folder.

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "storage/commit_engine.h"
#include "storage/sqlite/checkpointer.h"
#include "storage/sqlite/database.h"

namespace chancery::storage::sqlite {

// SqliteEngine is the one writer of main.db: a WAL transaction with synchronous=FULL, so a commit
// is one fsync. It never waits for readers; a checkpoint that resets the WAL is kept apart by the
// write gate.
class SqliteEngine final : public CommitEngine {
 public:
  struct Hooks {
    std::function<Result<void>(const record::WriteSet&)> admit;
    std::function<void(std::uint64_t log_size, std::vector<record::LogRow> rows)> publish;
  };
  // `database` is an open connection whose schema is prepared; `directory` gets the reserve file.
  [[nodiscard]] static Result<std::unique_ptr<SqliteEngine>> make(Database database,
                                                                  std::string directory,
                                                                  std::uint64_t reserve_size,
                                                                  Checkpointer& checkpointer,
                                                                  Hooks hooks);

  [[nodiscard]] std::uint64_t log_size() const override { return log_size_; }
  [[nodiscard]] Result<void> admit(const record::WriteSet& set) const override {
    return hooks_.admit(set);
  }
  [[nodiscard]] Result<void> begin() override;
  [[nodiscard]] Result<std::optional<record::StateRow>> get(const record::StateKey& key) override;
  [[nodiscard]] Result<void> put(const record::StateRow& row) override;
  [[nodiscard]] Result<void> erase(const record::StateKey& key) override;
  [[nodiscard]] Result<void> append(std::uint64_t index, const record::LogEntry& entry) override;
  [[nodiscard]] Result<void> commit() override;
  void rollback() override;
  void publish(std::uint64_t log_size, std::vector<record::LogRow> rows) override;
  bool release_reserve() override;
  bool restore_reserve() override;

 private:
  SqliteEngine(Database database, std::string reserve, std::uint64_t reserve_size,
               Checkpointer& checkpointer, Hooks hooks);
  [[nodiscard]] Result<void> prepare();

  // Gap is a stretch of the state rows where the last look found none: from a key's id until the
  // next row of its kind, or the last of the kind. A set of many new rows asks for one after the
  // other.
  struct Gap {
    record::StateKey from;
    std::optional<std::string> end;  // an id; nothing: there is no next row
    [[nodiscard]] bool covers(const record::StateKey& key) const;
  };

  Database database_;
  const std::string reserve_;
  const std::uint64_t reserve_size_;
  Checkpointer& checkpointer_;
  Hooks hooks_;
  std::uint64_t log_size_ = 0;
  std::optional<Gap> gap_;  // until the next change
  std::unique_lock<std::mutex> gate_;
  Statement begin_, commit_, rollback_, get_, put_, erase_, append_;
};

}  // namespace chancery::storage::sqlite
