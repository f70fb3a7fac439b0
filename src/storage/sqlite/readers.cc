#include "storage/sqlite/readers.h"

#include <utility>

#include "storage/query.h"
#include "storage/sqlite/main_rows.h"

namespace chancery::storage::sqlite {
namespace {

using record::LogRow;
using record::StateRow;

Result<void> prepare(ReadPool::Connection& connection) {
  TRY(connection.database.execute("PRAGMA cache_size = -2048"));
  connection.state_get = TRY(connection.database.prepare(sql::kStateGet));
  connection.state_list = TRY(connection.database.prepare(sql::kStateList));
  connection.log_get = TRY(connection.database.prepare(sql::kLogGet));
  connection.log_read = TRY(connection.database.prepare(sql::kLogRead));
  connection.log_read_kind = TRY(connection.database.prepare(sql::kLogReadKind));
  return {};
}

}  // namespace

unsigned lane_of_thread() {
  static std::atomic<unsigned> next{0};
  thread_local const unsigned lane = next.fetch_add(1);
  return lane;
}

Result<std::unique_ptr<ReadPool>> ReadPool::open(const std::string& path, const std::string& vfs,
                                                 unsigned connections) {
  auto pool = std::make_unique<ReadPool>();
  for (unsigned i = 0; i < connections; ++i) {
    auto connection = std::make_unique<Connection>();
    connection->database = TRY(Database::open(path, OpenMode::kReadOnly, vfs));
    sqlite3_busy_timeout(connection->database.handle(), 1000);
    TRY(prepare(*connection));
    pool->connections_.push_back(std::move(connection));
  }
  return pool;
}

ReadPool::Lease ReadPool::lease() const {
  const std::size_t count = connections_.size();
  const std::size_t own = lane_of_thread() % count;
  for (std::size_t i = 0; i < count; ++i) {
    Connection& connection = *connections_[(own + i) % count];
    std::unique_lock lock(connection.mutex, std::try_to_lock);
    if (lock) return {connection, std::move(lock)};
  }
  Connection& connection = *connections_[own];
  return {connection, std::unique_lock(connection.mutex)};
}

// The lease is given back, and the read transaction over, before anybody waits for a publication.
Result<std::optional<StateRow>> SqliteState::get(const record::StateKey& key) const {
  auto row = TRY(read(key));
  TRY(publication_.await_row(key, row));
  return row;
}

Result<std::optional<StateRow>> SqliteState::read(const record::StateKey& key) const {
  const ReadPool::Lease lease = pool_.lease();
  Statement& statement = lease->state_get;
  const Resetting resetting(statement);
  bind_key(statement, key);
  if (!TRY(statement.step())) return std::optional<StateRow>();
  return TRY(read_state(statement, key.kind, key.scope));
}

Result<std::vector<StateRow>> SqliteState::list(record::StateKind kind, const record::Scope& scope,
                                                std::string_view after, std::size_t limit) const {
  auto rows = TRY(read_page(kind, scope, after, limit));
  TRY(publication_.await_page(kind, scope, after, limit, rows));
  return rows;
}

Result<std::vector<StateRow>> SqliteState::read_page(record::StateKind kind,
                                                     const record::Scope& scope,
                                                     std::string_view after,
                                                     std::size_t limit) const {
  const record::StateKey start{kind, scope, std::string(after)};
  const ReadPool::Lease lease = pool_.lease();
  Statement& statement = lease->state_list;
  const Resetting resetting(statement);
  bind_key(statement, start);
  statement.bind(5, std::uint64_t{clamp_limit(limit)});
  std::vector<StateRow> rows;
  while (TRY(statement.step())) rows.push_back(TRY(read_state(statement, kind, scope)));
  return rows;
}

Result<LogRow> SqliteLog::get(std::uint64_t index) const {
  if (index >= size()) return fail(Code::kNotFound, "log row");
  TRY(publication_.await_log(index + 1));
  const ReadPool::Lease lease = pool_.lease();
  Statement& statement = lease->log_get;
  const Resetting resetting(statement);
  statement.bind(1, index);
  if (!TRY(statement.step())) return fail(Code::kDataLoss, "a log row is missing");
  return read_entry(statement);
}

Result<std::vector<LogRow>> SqliteLog::read(std::uint64_t first, std::size_t limit) const {
  return read_page(&ReadPool::Connection::log_read, first, limit, std::nullopt);
}

Result<std::vector<LogRow>> SqliteLog::read_kind(record::EventKind kind, std::uint64_t first,
                                                 std::size_t limit) const {
  if (kind == record::EventKind::kCertificateIssued) {
    return fail(Code::kInvalidArgument, "issued certificates are not indexed by kind");
  }
  return read_page(&ReadPool::Connection::log_read_kind, first, limit, kind);
}

Result<std::vector<LogRow>> SqliteLog::read_page(Statement ReadPool::Connection::* chosen,
                                                 std::uint64_t first, std::size_t limit,
                                                 std::optional<record::EventKind> kind) const {
  std::vector<LogRow> rows;
  {
    const ReadPool::Lease lease = pool_.lease();
    Statement& statement = (*lease).*chosen;
    const Resetting resetting(statement);
    statement.bind(1, first);
    statement.bind(2, size());
    statement.bind(3, std::uint64_t{clamp_limit(limit)});
    if (kind) statement.bind(4, static_cast<std::int64_t>(*kind));
    while (TRY(statement.step())) rows.push_back(TRY(read_entry(statement)));
  }
  if (!rows.empty()) TRY(publication_.await_log(rows.back().index + 1));
  return rows;
}

}  // namespace chancery::storage::sqlite
