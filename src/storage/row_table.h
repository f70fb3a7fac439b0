#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "record/store.h"

namespace chancery::storage {

// RowTable is an index in memory over the newest rows of the log: the whole index of the memory
// store, and for the other engines the tail that their index on disk does not cover yet. It covers
// log rows from begin() to end(); those without a certificate have no row in it.
//
// Rows are made (parsed) from log entries late, by settle(): whoever adds them is on the path of an
// issuance, which should not pay for searches. Every reader settles first, so it misses none. Where
// memory runs out while rows are taken in or moved, the process ends: a table without rows that the
// log has would say "not found" of acknowledged certificates. Thread-safe.
class RowTable {
 public:
  using RowPtr = std::shared_ptr<const record::CertificateRow>;
  struct Slice {
    std::vector<RowPtr> rows;
    std::uint64_t end = 0;  // every log row below it is in the slice or before it
  };

  explicit RowTable(std::uint64_t begin) : begin_(begin), end_(begin) {}

  // add takes log rows in order and moves the end.
  void add(std::vector<record::LogRow> rows, std::uint64_t end) noexcept;
  // settle makes the rows of what was added. Returns when all that was added before is made.
  void settle() const noexcept;
  // drop_below forgets rows below `begin`.
  void drop_below(std::uint64_t begin) noexcept;
  // replace swaps the rows below `end` for others; rows from `end` on stay.
  void replace(const std::vector<record::LogRow>& rows, std::uint64_t end) noexcept;

  // size counts the rows, those that are still to be made as well. Lock-free.
  [[nodiscard]] std::size_t size() const { return size_.load(); }
  [[nodiscard]] std::uint64_t begin() const;
  [[nodiscard]] std::uint64_t end() const;
  // rows_below counts rows with a log index below `end`.
  [[nodiscard]] std::size_t rows_below(std::uint64_t end) const;
  // oldest returns the first rows, at most `limit`.
  [[nodiscard]] Slice oldest(std::size_t limit) const;

  // find returns the row of a log index.
  [[nodiscard]] RowPtr find(std::uint64_t log_index) const;
  // The finders return the newest match.
  [[nodiscard]] std::optional<record::CertificateRow> find_by_serial(const record::Scope& scope,
                                                                     BytesView serial) const;
  [[nodiscard]] std::optional<record::CertificateRow> find_by_fingerprint(
      const crypto::Sha256& fingerprint) const;
  // search returns rows below `before`, newest first, at most `limit`.
  [[nodiscard]] std::vector<record::CertificateRow> search(const record::CertificateQuery& query,
                                                           std::uint64_t before,
                                                           std::size_t limit) const;
  // list_serials returns serials after `after` in byte order, each once, at most `limit`.
  [[nodiscard]] std::vector<Bytes> list_serials(const record::Scope& scope, BytesView after,
                                                std::size_t limit) const;

 private:
  using Hash = std::size_t;
  using ByHash = std::unordered_multimap<Hash, RowPtr>;

  template <class Test>
  [[nodiscard]] RowPtr newest(const ByHash& table, Hash hash, Test test) const;
  static void remove(ByHash& table, Hash hash, const RowPtr& row);
  void insert(RowPtr row) const;

  // visit calls `use` on rows from `first` up, or from below `before` down, a few under one lock,
  // until it returns false. Rows that leave the table meanwhile may be left out.
  template <class Use>
  void visit_up(std::uint64_t first, Use use) const;
  template <class Use>
  void visit_down(std::uint64_t before, Use use) const;

  // A plain mutex held shortly: readers must never keep the committer out for long.
  mutable std::mutex mutex_;
  std::uint64_t begin_;
  std::uint64_t end_;

  // What settle() changes. settling_ is taken before mutex_.
  mutable std::mutex settling_;
  mutable std::atomic<std::size_t> size_{0};
  mutable std::atomic<std::size_t> unsettled_{0};  // added_, and what settle() has in hand
  mutable std::vector<record::LogRow> added_;
  mutable std::uint64_t settled_end_ = 0;  // the rows below it are made
  mutable std::deque<RowPtr> rows_;
  mutable ByHash by_serial_;
  mutable ByHash by_fingerprint_;
};

}  // namespace chancery::storage
