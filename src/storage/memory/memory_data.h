#pragma once

// Internal to this folder: the rows, and the parts of the store that look at them.

#include <compare>
#include <deque>
#include <map>
#include <shared_mutex>
#include <string>
#include <vector>

#include "storage/commit_engine.h"
#include "storage/publication.h"
#include "storage/row_table.h"

namespace chancery::storage::memory {

// The order in which list() pages: byte order of the id within a kind and scope.
struct RowKey {
  record::StateKind kind{};
  std::string tenant;
  std::string mount;
  std::string id;

  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};
[[nodiscard]] RowKey row_key(const record::StateKey& key);

// MemoryData is what the store holds. `mutex` guards all but the index, which has its own.
struct MemoryData {
  mutable std::shared_mutex mutex;
  std::map<RowKey, record::StateRow> state;
  std::deque<record::LogEntry> log;
  std::map<record::EventKind, std::vector<std::uint64_t>> by_kind;  // not kCertificateIssued
  RowTable index{0};
};

class MemoryState final : public record::StateReader {
 public:
  MemoryState(const MemoryData& data, const Publication& publication)
      : data_(data), publication_(publication) {}
  [[nodiscard]] bool local() const override { return true; }
  [[nodiscard]] Result<std::optional<record::StateRow>> get(
      const record::StateKey& key) const override;
  [[nodiscard]] Result<std::vector<record::StateRow>> list(record::StateKind kind,
                                                           const record::Scope& scope,
                                                           std::string_view after,
                                                           std::size_t limit) const override;

 private:
  const MemoryData& data_;
  const Publication& publication_;
};

class MemoryLog final : public record::LogReader {
 public:
  MemoryLog(const MemoryData& data, const Publication& publication)
      : data_(data), publication_(publication) {}
  [[nodiscard]] std::uint64_t size() const override;
  [[nodiscard]] Result<record::LogRow> get(std::uint64_t index) const override;
  [[nodiscard]] Result<std::vector<record::LogRow>> read(std::uint64_t first,
                                                         std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<record::LogRow>> read_kind(record::EventKind kind,
                                                              std::uint64_t first,
                                                              std::size_t limit) const override;

 private:
  const MemoryData& data_;
  const Publication& publication_;
};

class MemoryIndex final : public record::CertificateIndex {
 public:
  explicit MemoryIndex(const MemoryData& data) : data_(data) {}
  [[nodiscard]] Result<std::optional<record::CertificateRow>> find_by_serial(
      const record::Scope& scope, BytesView serial) const override;
  [[nodiscard]] Result<std::optional<record::CertificateRow>> find_by_fingerprint(
      const crypto::Sha256& fingerprint) const override;
  [[nodiscard]] Result<record::CertificatePage> search(const record::CertificateQuery& query,
                                                       std::optional<std::uint64_t> before,
                                                       std::size_t limit) const override;
  [[nodiscard]] Result<std::vector<Bytes>> list_serials(const record::Scope& scope, BytesView after,
                                                        std::size_t limit) const override;

 private:
  const MemoryData& data_;
};

// MemoryEngine stages a transaction beside the data and moves it in at commit.
class MemoryEngine final : public CommitEngine {
 public:
  explicit MemoryEngine(MemoryData& data) : data_(data) {}
  [[nodiscard]] std::uint64_t log_size() const override;
  [[nodiscard]] Result<void> begin() override;
  [[nodiscard]] Result<std::optional<record::StateRow>> get(const record::StateKey& key) override;
  [[nodiscard]] Result<void> put(const record::StateRow& row) override;
  [[nodiscard]] Result<void> erase(const record::StateKey& key) override;
  [[nodiscard]] Result<void> append(std::uint64_t index, const record::LogEntry& entry) override;
  [[nodiscard]] Result<void> commit() override;
  void rollback() override;
  void publish(std::uint64_t log_size, std::vector<record::LogRow> rows) override;

 private:
  MemoryData& data_;
  std::map<RowKey, std::optional<record::StateRow>> changes_;
  std::vector<record::LogEntry> entries_;
};

}  // namespace chancery::storage::memory
