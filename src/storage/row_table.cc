#include "storage/row_table.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <mutex>
#include <utility>

#include "storage/index_row.h"
#include "storage/query.h"

namespace chancery::storage {
namespace {

using record::CertificateRow;
using record::LogRow;

std::size_t serial_hash(BytesView serial) { return std::hash<std::string_view>{}(as_text(serial)); }

std::size_t fingerprint_hash(const crypto::Sha256& fingerprint) {
  std::size_t hash = 0;
  std::memcpy(&hash, fingerprint.data(), sizeof hash);
  return hash;
}

std::vector<RowTable::RowPtr> make_rows(const std::vector<LogRow>& from) {
  std::vector<RowTable::RowPtr> rows;
  rows.reserve(from.size());
  for (const LogRow& row : from) {
    auto made = index_row(row.index, row.entry);
    if (made) rows.push_back(std::make_shared<const CertificateRow>(*std::move(made)));
  }
  return rows;
}

constexpr std::size_t kVisit = 256;  // rows looked at under one lock

std::uint64_t log_index_of(const RowTable::RowPtr& row) { return row->log_index; }

bool less(BytesView a, BytesView b) { return std::ranges::lexicographical_compare(a, b); }

}  // namespace

void RowTable::insert(RowPtr row) const {
  by_serial_.emplace(serial_hash(row->serial), row);
  by_fingerprint_.emplace(fingerprint_hash(row->fingerprint), row);
  rows_.push_back(std::move(row));
}

void RowTable::add(std::vector<LogRow> rows, std::uint64_t end) noexcept {
  std::erase_if(rows, [](const LogRow& row) { return row.entry.certificate.empty(); });
  const std::scoped_lock lock(mutex_);
  size_.fetch_add(rows.size());
  unsettled_.fetch_add(rows.size());
  added_.insert(added_.end(), std::make_move_iterator(rows.begin()),
                std::make_move_iterator(rows.end()));
  end_ = end;
}

void RowTable::settle() const noexcept {
  if (unsettled_.load() == 0) return;
  const std::scoped_lock settling(settling_);
  std::vector<LogRow> added;
  std::uint64_t end = 0;
  {
    const std::scoped_lock lock(mutex_);
    added.swap(added_);
    end = end_;
  }
  const std::vector<RowPtr> rows = make_rows(added);  // the long part, without the lock
  const std::scoped_lock lock(mutex_);
  for (const RowPtr& row : rows) insert(row);
  settled_end_ = end;
  size_.fetch_sub(added.size() - rows.size());
  unsettled_.fetch_sub(added.size());
}

void RowTable::replace(const std::vector<LogRow>& rows, std::uint64_t end) noexcept {
  settle();
  const std::vector<RowPtr> made = make_rows(rows);
  const std::scoped_lock lock(mutex_);
  const std::deque<RowPtr> old = std::exchange(rows_, {});
  by_serial_.clear();
  by_fingerprint_.clear();
  for (const RowPtr& row : made) insert(row);
  for (const RowPtr& row : old) {
    if (row->log_index >= end) insert(row);
  }
  size_.store(rows_.size() + added_.size());
  end_ = std::max(end_, end);
}

void RowTable::remove(ByHash& table, Hash hash, const RowPtr& row) {
  const auto [first, last] = table.equal_range(hash);
  const auto it = std::find_if(first, last, [&](const auto& entry) { return entry.second == row; });
  if (it != last) table.erase(it);
}

void RowTable::drop_below(std::uint64_t begin) noexcept {
  settle();
  const std::scoped_lock lock(mutex_);
  while (!rows_.empty() && rows_.front()->log_index < begin) {
    const RowPtr& row = rows_.front();
    remove(by_serial_, serial_hash(row->serial), row);
    remove(by_fingerprint_, fingerprint_hash(row->fingerprint), row);
    rows_.pop_front();
    size_.fetch_sub(1);
  }
  begin_ = std::max(begin_, begin);
  end_ = std::max(end_, begin_);
}

std::uint64_t RowTable::begin() const {
  const std::scoped_lock lock(mutex_);
  return begin_;
}

std::uint64_t RowTable::end() const {
  const std::scoped_lock lock(mutex_);
  return end_;
}

std::size_t RowTable::rows_below(std::uint64_t end) const {
  settle();
  const std::scoped_lock lock(mutex_);
  const auto it = std::ranges::lower_bound(rows_, end, {}, log_index_of);
  return static_cast<std::size_t>(it - rows_.begin());
}

RowTable::Slice RowTable::oldest(std::size_t limit) const {
  settle();
  const std::scoped_lock lock(mutex_);
  Slice slice;
  const std::size_t count = std::min(limit, rows_.size());
  slice.rows.assign(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(count));
  if (count < rows_.size()) {
    slice.end = rows_[count]->log_index;
  } else {
    // Rows may have been added since they were settled above.
    slice.end = unsettled_.load() == 0 ? end_ : settled_end_;
  }
  return slice;
}

RowTable::RowPtr RowTable::find(std::uint64_t log_index) const {
  settle();
  const std::scoped_lock lock(mutex_);
  const auto it = std::ranges::lower_bound(rows_, log_index, {}, log_index_of);
  return it != rows_.end() && (*it)->log_index == log_index ? *it : nullptr;
}

template <class Test>
RowTable::RowPtr RowTable::newest(const ByHash& table, Hash hash, Test test) const {
  settle();
  const std::scoped_lock lock(mutex_);
  const RowPtr* found = nullptr;
  const auto [first, last] = table.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    const RowPtr& row = it->second;
    if (test(*row) && (found == nullptr || row->log_index > (*found)->log_index)) found = &row;
  }
  return found == nullptr ? nullptr : *found;
}

std::optional<CertificateRow> RowTable::find_by_serial(const record::Scope& scope,
                                                       BytesView serial) const {
  const RowPtr row = newest(by_serial_, serial_hash(serial), [&](const CertificateRow& candidate) {
    return equal(candidate.serial, serial) && candidate.scope == scope;
  });
  return row ? std::optional(*row) : std::nullopt;  // copied outside the lock
}

std::optional<CertificateRow> RowTable::find_by_fingerprint(
    const crypto::Sha256& fingerprint) const {
  const RowPtr row =
      newest(by_fingerprint_, fingerprint_hash(fingerprint),
             [&](const CertificateRow& candidate) { return candidate.fingerprint == fingerprint; });
  return row ? std::optional(*row) : std::nullopt;
}

template <class Use>
void RowTable::visit_up(std::uint64_t first, Use use) const {
  settle();
  while (true) {
    const std::scoped_lock lock(mutex_);
    auto it = std::ranges::lower_bound(rows_, first, {}, log_index_of);
    for (std::size_t i = 0; i < kVisit; ++i, ++it) {
      if (it == rows_.end() || !use(*it)) return;
      first = (*it)->log_index + 1;
    }
  }
}

template <class Use>
void RowTable::visit_down(std::uint64_t before, Use use) const {
  settle();
  while (true) {
    const std::scoped_lock lock(mutex_);
    auto it = std::ranges::lower_bound(rows_, before, {}, log_index_of);
    for (std::size_t i = 0; i < kVisit; ++i) {
      if (it == rows_.begin()) return;
      --it;
      if (!use(*it)) return;
      before = (*it)->log_index;
    }
  }
}

std::vector<CertificateRow> RowTable::search(const record::CertificateQuery& query,
                                             std::uint64_t before, std::size_t limit) const {
  std::vector<CertificateRow> found;
  visit_down(before, [&](const RowPtr& row) {
    if (matches(query, *row)) found.push_back(*row);
    return found.size() < limit;
  });
  return found;
}

std::vector<Bytes> RowTable::list_serials(const record::Scope& scope, BytesView after,
                                          std::size_t limit) const {
  std::vector<Bytes> serials;
  visit_up(0, [&](const RowPtr& row) {
    if (row->scope == scope && less(after, row->serial)) serials.push_back(row->serial);
    return true;
  });
  std::ranges::sort(serials);
  const auto repeated = std::ranges::unique(serials);
  serials.erase(repeated.begin(), repeated.end());
  if (serials.size() > limit) serials.resize(limit);
  return serials;
}

}  // namespace chancery::storage
