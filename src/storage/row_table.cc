#include "storage/row_table.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <mutex>
#include <utility>

#include "storage/query.h"

namespace chancery::storage {
namespace {

using record::CertificateRow;

std::size_t serial_hash(BytesView serial) { return std::hash<std::string_view>{}(as_text(serial)); }

std::size_t fingerprint_hash(const crypto::Sha256& fingerprint) {
  std::size_t hash = 0;
  std::memcpy(&hash, fingerprint.data(), sizeof hash);
  return hash;
}

bool less(BytesView a, BytesView b) { return std::ranges::lexicographical_compare(a, b); }

}  // namespace

void RowTable::insert(RowPtr row) {
  by_serial_.emplace(serial_hash(row->serial), row);
  by_fingerprint_.emplace(fingerprint_hash(row->fingerprint), row);
  rows_.push_back(std::move(row));
}

void RowTable::add(IndexRows rows, std::uint64_t end) {
  const std::unique_lock lock(mutex_);
  for (auto& row : rows) insert(std::move(row));
  end_ = end;
}

void RowTable::replace(IndexRows rows, std::uint64_t end) {
  const std::unique_lock lock(mutex_);
  const std::deque<RowPtr> old = std::exchange(rows_, {});
  by_serial_.clear();
  by_fingerprint_.clear();
  for (auto& row : rows) insert(std::move(row));
  for (const RowPtr& row : old) {
    if (row->log_index >= end) insert(row);
  }
  end_ = std::max(end_, end);
}

void RowTable::remove(ByHash& table, Hash hash, const RowPtr& row) {
  const auto [first, last] = table.equal_range(hash);
  const auto it = std::find_if(first, last, [&](const auto& entry) { return entry.second == row; });
  if (it != last) table.erase(it);
}

void RowTable::drop_below(std::uint64_t begin) {
  const std::unique_lock lock(mutex_);
  while (!rows_.empty() && rows_.front()->log_index < begin) {
    const RowPtr& row = rows_.front();
    remove(by_serial_, serial_hash(row->serial), row);
    remove(by_fingerprint_, fingerprint_hash(row->fingerprint), row);
    rows_.pop_front();
  }
  begin_ = std::max(begin_, begin);
}

std::uint64_t RowTable::begin() const {
  const std::shared_lock lock(mutex_);
  return begin_;
}

std::uint64_t RowTable::end() const {
  const std::shared_lock lock(mutex_);
  return end_;
}

std::size_t RowTable::rows_below(std::uint64_t end) const {
  const std::shared_lock lock(mutex_);
  const auto it = std::ranges::lower_bound(
      rows_, end, {}, [](const RowPtr& row) { return row->log_index; });
  return static_cast<std::size_t>(it - rows_.begin());
}

RowTable::Slice RowTable::oldest(std::size_t limit) const {
  const std::shared_lock lock(mutex_);
  Slice slice;
  const std::size_t count = std::min(limit, rows_.size());
  slice.rows.assign(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(count));
  slice.end = count == rows_.size() ? end_ : rows_[count]->log_index;
  return slice;
}

RowTable::RowPtr RowTable::find(std::uint64_t log_index) const {
  const std::shared_lock lock(mutex_);
  const auto it = std::ranges::lower_bound(
      rows_, log_index, {}, [](const RowPtr& row) { return row->log_index; });
  return it != rows_.end() && (*it)->log_index == log_index ? *it : nullptr;
}

template <class Test>
std::optional<CertificateRow> RowTable::newest(const ByHash& table, Hash hash, Test test) {
  const CertificateRow* found = nullptr;
  const auto [first, last] = table.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    const CertificateRow& row = *it->second;
    if (test(row) && (found == nullptr || row.log_index > found->log_index)) found = &row;
  }
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<CertificateRow> RowTable::find_by_serial(const record::Scope& scope,
                                                       BytesView serial) const {
  const std::shared_lock lock(mutex_);
  return newest(by_serial_, serial_hash(serial), [&](const CertificateRow& row) {
    return equal(row.serial, serial) && row.scope == scope;
  });
}

std::optional<CertificateRow> RowTable::find_by_fingerprint(
    const crypto::Sha256& fingerprint) const {
  const std::shared_lock lock(mutex_);
  return newest(by_fingerprint_, fingerprint_hash(fingerprint),
                [&](const CertificateRow& row) { return row.fingerprint == fingerprint; });
}

std::vector<CertificateRow> RowTable::search(const record::CertificateQuery& query,
                                             std::uint64_t before, std::size_t limit) const {
  const std::shared_lock lock(mutex_);
  std::vector<CertificateRow> found;
  const auto end = std::ranges::lower_bound(
      rows_, before, {}, [](const RowPtr& row) { return row->log_index; });
  for (auto it = end; it != rows_.begin() && found.size() < limit;) {
    --it;
    if (matches(query, **it)) found.push_back(**it);
  }
  return found;
}

std::vector<Bytes> RowTable::list_serials(const record::Scope& scope, BytesView after,
                                          std::size_t limit) const {
  std::vector<Bytes> serials;
  {
    const std::shared_lock lock(mutex_);
    for (const RowPtr& row : rows_) {
      if (row->scope == scope && less(after, row->serial)) serials.push_back(row->serial);
    }
  }
  std::ranges::sort(serials);
  const auto repeated = std::ranges::unique(serials);
  serials.erase(repeated.begin(), repeated.end());
  if (serials.size() > limit) serials.resize(limit);
  return serials;
}

}  // namespace chancery::storage
