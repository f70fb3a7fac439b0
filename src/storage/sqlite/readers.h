#pragma once

// Internal to this folder: reading main.db.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "record/store.h"
#include "storage/publication.h"
#include "storage/sqlite/database.h"

namespace chancery::storage::sqlite {

// ReadPool holds connections for reading, each with its statements prepared. A thread comes back to
// the same one as long as nobody else has it, so reactors do not meet.
class ReadPool {
 public:
  struct Connection {
    std::mutex mutex;
    Database database;
    Statement state_get, state_list, log_get, log_read, log_read_kind;
  };
  // Lease is the use of one connection until it goes out of scope.
  class Lease {
   public:
    Lease(Connection& connection, std::unique_lock<std::mutex> lock)
        : connection_(&connection), lock_(std::move(lock)) {}
    Connection* operator->() const { return connection_; }
    Connection& operator*() const { return *connection_; }

   private:
    Connection* connection_;
    std::unique_lock<std::mutex> lock_;
  };

  [[nodiscard]] static Result<std::unique_ptr<ReadPool>> open(const std::string& path,
                                                              const std::string& vfs,
                                                              unsigned connections);
  [[nodiscard]] Lease lease() const;

 private:
  std::vector<std::unique_ptr<Connection>> connections_;
};

// lane_of_thread numbers threads in the order of their first call; it spreads them over
// connections.
[[nodiscard]] unsigned lane_of_thread();

class SqliteState final : public record::StateReader {
 public:
  SqliteState(const ReadPool& pool, const Publication& publication)
      : pool_(pool), publication_(publication) {}
  [[nodiscard]] bool local() const override { return true; }
  [[nodiscard]] Result<std::optional<record::StateRow>> get(
      const record::StateKey& key) const override;
  [[nodiscard]] Result<std::vector<record::StateRow>> list(record::StateKind kind,
                                                           const record::Scope& scope,
                                                           std::string_view after,
                                                           std::size_t limit) const override;

 private:
  [[nodiscard]] Result<std::optional<record::StateRow>> read(const record::StateKey& key) const;
  [[nodiscard]] Result<std::vector<record::StateRow>> read_page(record::StateKind kind,
                                                                const record::Scope& scope,
                                                                std::string_view after,
                                                                std::size_t limit) const;

  const ReadPool& pool_;
  const Publication& publication_;
};

// SqliteLog shows the rows below size(), which the committer moves when it publishes a batch.
class SqliteLog final : public record::LogReader {
 public:
  SqliteLog(const ReadPool& pool, const Publication& publication, std::uint64_t size)
      : pool_(pool), publication_(publication), size_(size) {}
  void set_size(std::uint64_t size) { size_.store(size); }

  [[nodiscard]] std::uint64_t size() const override { return size_.load(); }
  [[nodiscard]] Result<record::LogRow> get(std::uint64_t index) const override;
  [[nodiscard]] Result<std::vector<record::LogRow>> read(std::uint64_t first,
                                                         std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<record::LogRow>> read_kind(record::EventKind kind,
                                                              std::uint64_t first,
                                                              std::size_t limit) const override;

 private:
  // A page by a statement whose first three parameters are the first index, the end and the limit.
  [[nodiscard]] Result<std::vector<record::LogRow>> read_page(
      Statement ReadPool::Connection::* chosen, std::uint64_t first, std::size_t limit,
      std::optional<record::EventKind> kind) const;

  const ReadPool& pool_;
  const Publication& publication_;
  std::atomic<std::uint64_t> size_;
};

}  // namespace chancery::storage::sqlite
