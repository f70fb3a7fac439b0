#include "storage/memory/memory_data.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include "storage/query.h"

namespace chancery::storage::memory {

using record::CertificateRow;
using record::LogRow;
using record::StateRow;

RowKey row_key(const record::StateKey& key) {
  return {key.kind, key.scope.tenant, key.scope.mount, key.id};
}

Result<std::optional<StateRow>> MemoryState::get(const record::StateKey& key) const {
  std::optional<StateRow> row;
  {
    const std::shared_lock lock(data_.mutex);
    const auto it = data_.state.find(row_key(key));
    if (it != data_.state.end()) row = it->second;
  }
  TRY(publication_.await_row(key, row));
  return row;
}

Result<std::vector<StateRow>> MemoryState::list(record::StateKind kind, const record::Scope& scope,
                                                std::string_view after, std::size_t limit) const {
  limit = clamp_limit(limit);
  const RowKey start{kind, scope.tenant, scope.mount, std::string(after)};
  std::vector<StateRow> rows;
  {
    const std::shared_lock lock(data_.mutex);
    // Ids are not empty, so `after` == "" starts before the first one.
    for (auto it = data_.state.upper_bound(start); it != data_.state.end(); ++it) {
      const StateRow& row = it->second;
      if (row.key.kind != kind || row.key.scope != scope || rows.size() == limit) break;
      rows.push_back(row);
    }
  }
  TRY(publication_.await_page(kind, scope, after, limit, rows));
  return rows;
}

std::uint64_t MemoryLog::size() const {
  const std::shared_lock lock(data_.mutex);
  return data_.log.size();
}

Result<LogRow> MemoryLog::get(std::uint64_t index) const {
  LogRow row{index, {}};
  {
    const std::shared_lock lock(data_.mutex);
    if (index >= data_.log.size()) return fail(Code::kNotFound, "log row");
    row.entry = data_.log[index];
  }
  TRY(publication_.await_log(index + 1));
  return row;
}

Result<std::vector<LogRow>> MemoryLog::read(std::uint64_t first, std::size_t limit) const {
  limit = clamp_limit(limit);
  std::vector<LogRow> rows;
  {
    const std::shared_lock lock(data_.mutex);
    for (std::uint64_t i = first; i < data_.log.size() && rows.size() < limit; ++i) {
      rows.push_back({i, data_.log[i]});
    }
  }
  if (!rows.empty()) TRY(publication_.await_log(rows.back().index + 1));
  return rows;
}

Result<std::vector<LogRow>> MemoryLog::read_kind(record::EventKind kind, std::uint64_t first,
                                                 std::size_t limit) const {
  if (kind == record::EventKind::kCertificateIssued) {
    return fail(Code::kInvalidArgument, "issued certificates are not indexed by kind");
  }
  limit = clamp_limit(limit);
  std::vector<LogRow> rows;
  {
    const std::shared_lock lock(data_.mutex);
    const auto list = data_.by_kind.find(kind);
    if (list == data_.by_kind.end()) return rows;
    for (auto it = std::ranges::lower_bound(list->second, first);
         it != list->second.end() && rows.size() < limit; ++it) {
      rows.push_back({*it, data_.log[*it]});
    }
  }
  if (!rows.empty()) TRY(publication_.await_log(rows.back().index + 1));
  return rows;
}

Result<std::optional<CertificateRow>> MemoryIndex::find_by_serial(const record::Scope& scope,
                                                                  BytesView serial) const {
  return data_.index.find_by_serial(scope, serial);
}

Result<std::optional<CertificateRow>> MemoryIndex::find_by_fingerprint(
    const crypto::Sha256& fingerprint) const {
  return data_.index.find_by_fingerprint(fingerprint);
}

Result<record::CertificatePage> MemoryIndex::search(const record::CertificateQuery& query,
                                                    std::optional<std::uint64_t> before,
                                                    std::size_t limit) const {
  limit = clamp_limit(limit);
  const std::uint64_t below = before.value_or(std::numeric_limits<std::uint64_t>::max());
  return page(data_.index.search(query, below, limit), limit);
}

Result<std::vector<Bytes>> MemoryIndex::list_serials(const record::Scope& scope, BytesView after,
                                                     std::size_t limit) const {
  return data_.index.list_serials(scope, after, clamp_limit(limit));
}

std::uint64_t MemoryEngine::log_size() const { return data_.log.size(); }

Result<void> MemoryEngine::begin() { return {}; }

Result<std::optional<StateRow>> MemoryEngine::get(const record::StateKey& key) {
  const RowKey at = row_key(key);
  if (const auto it = changes_.find(at); it != changes_.end()) return it->second;
  const auto it = data_.state.find(at);  // only this thread changes it
  if (it == data_.state.end()) return std::optional<StateRow>();
  return std::optional(it->second);
}

Result<void> MemoryEngine::put(const StateRow& row) {
  changes_.insert_or_assign(row_key(row.key), row);
  return {};
}

Result<void> MemoryEngine::erase(const record::StateKey& key) {
  changes_.insert_or_assign(row_key(key), std::nullopt);
  return {};
}

Result<void> MemoryEngine::append(std::uint64_t index, const record::LogEntry& entry) {
  CHANCERY_CHECK(index == data_.log.size() + entries_.size());
  entries_.push_back(entry);
  return {};
}

Result<void> MemoryEngine::commit() {
  const std::unique_lock lock(data_.mutex);
  for (auto& [key, row] : changes_) {
    if (row) {
      data_.state.insert_or_assign(key, *std::move(row));
    } else {
      data_.state.erase(key);
    }
  }
  changes_.clear();
  for (record::LogEntry& entry : entries_) {
    if (entry.kind != record::EventKind::kCertificateIssued) {
      data_.by_kind[entry.kind].push_back(data_.log.size());
    }
    data_.log.push_back(std::move(entry));
  }
  entries_.clear();
  return {};
}

void MemoryEngine::rollback() {
  changes_.clear();
  entries_.clear();
}

void MemoryEngine::publish(std::uint64_t log_size, std::vector<record::LogRow> rows) {
  data_.index.add(std::move(rows), log_size);
}

}  // namespace chancery::storage::memory
