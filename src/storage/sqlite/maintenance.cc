#include <pthread.h>

#include <algorithm>
#include <utility>

#include "storage/index_row.h"
#include "storage/sqlite/indexer.h"
#include "storage/sqlite/segment_writer.h"

namespace chancery::storage::sqlite {
namespace {

using Segment = IndexPart::Segment;

constexpr std::chrono::seconds kRetry{2};
constexpr std::size_t kPage = 500;
constexpr std::uint64_t kFillRows = 131'072;       // log rows made into segments at once
constexpr std::size_t kMergeCount = 8;             // segments of one size merged into one
constexpr std::uint64_t kLargestMerge = 1U << 22;  // rows beyond which a segment is left alone

// Sizes in steps of eight: merging only like with like writes a row a few times, not once a merge.
unsigned size_class(std::uint64_t rows) {
  unsigned result = 0;
  for (; rows >= kMergeCount; rows /= kMergeCount) ++result;
  return result;
}

// Eight neighbours of one month and size, or nothing.
std::vector<Segment> due_for_merge(std::vector<Segment> segments) {
  std::ranges::sort(segments, [](const Segment& a, const Segment& b) {
    return std::pair(a.month, a.first) < std::pair(b.month, b.first);
  });
  std::vector<Segment> run;
  for (const Segment& segment : segments) {
    const bool fits = !run.empty() && run.back().month == segment.month &&
                      size_class(run.back().rows) == size_class(segment.rows);
    if (!fits) run.clear();
    if (segment.rows <= kLargestMerge) run.push_back(segment);
    if (run.size() == kMergeCount) return run;
  }
  return {};
}

}  // namespace

void Indexer::run_maintenance() {
  ::pthread_setname_np(::pthread_self(), "store-segments");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!work_to_do_) {
      settled_.notify_all();
      maintenance_wake_.wait(lock);
      continue;
    }
    work_to_do_ = false;
    maintaining_ = true;
    lock.unlock();
    const Result<bool> more = maintain();
    report(maintenance_trouble_,
           more ? Result<void>() : Result<void>(std::unexpected(more.error())));
    lock.lock();
    maintaining_ = false;
    if (!more || *more) work_to_do_ = true;
    if (more || stopping_) continue;
    settled_.notify_all();
    maintenance_wake_.wait_for(lock, kRetry);
  }
}

// One piece of work, the most urgent first; returns whether it found any.
Result<bool> Indexer::maintain() {
  if (TRY(seal())) return true;
  if (TRY(fill_missing())) return true;
  return merge();
}

// Puts the oldest full hot file away as segments.
Result<bool> Indexer::seal() {
  const Manifest before = catalog_->manifest();
  if (before.hots.size() < 2) return false;
  const Manifest::Hot hot = before.hots.front();
  RowBatch batch;
  {
    Database database = TRY(Database::open(catalog_->hot_path(hot.number), OpenMode::kReadOnly));
    TRY(batch.load(database));
  }
  const auto segments = TRY(write_segments(catalog_->directory(), std::move(batch)));
  const std::scoped_lock moving(movement_);
  TRY(catalog_->change([&](Manifest& manifest) {
    // A rebuild may have come in between; then the segments are strays.
    if (std::erase(manifest.hots, hot) == 0) return false;
    manifest.segments.insert(manifest.segments.end(), segments.begin(), segments.end());
    return true;
  }));
  return true;
}

// Makes segments for the first rows that are missing, straight from the log.
Result<bool> Indexer::fill_missing() {
  const Manifest before = catalog_->manifest();
  if (before.missing.empty()) return false;
  const Manifest::Range range = before.missing.front();
  const std::uint64_t end =
      std::min(range.end, range.first + std::min(kFillRows, options_.hot_rows));
  RowBatch batch;
  for (std::uint64_t first = range.first; first < end;) {
    const auto page = TRY(rows_.read(first, kPage));
    if (page.empty()) return fail(Code::kDataLoss, "log rows are missing");
    for (const record::LogRow& row : page) {
      const auto indexed = row.index < end ? index_row(row.index, row.entry) : std::nullopt;
      if (indexed) batch.add(*indexed);
    }
    first = page.back().index + 1;
  }
  const auto segments = TRY(write_segments(catalog_->directory(), std::move(batch)));
  const std::scoped_lock moving(movement_);
  TRY(catalog_->change([&](Manifest& manifest) {
    const auto it = std::ranges::find(manifest.missing, range);
    if (it == manifest.missing.end()) return false;
    it->first = end;
    if (it->first == it->end) manifest.missing.erase(it);
    manifest.segments.insert(manifest.segments.end(), segments.begin(), segments.end());
    return true;
  }));
  return true;
}

Result<bool> Indexer::merge() {
  const std::vector<Segment> inputs = due_for_merge(catalog_->manifest().segments);
  if (inputs.empty()) return false;
  const Segment merged = TRY(merge_segments(catalog_->directory(), inputs));
  const std::scoped_lock moving(movement_);
  TRY(catalog_->change([&](Manifest& manifest) {
    const auto gone = std::erase_if(manifest.segments, [&](const Segment& segment) {
      return std::ranges::find(inputs, segment) != inputs.end();
    });
    if (gone != inputs.size()) return false;
    manifest.segments.push_back(merged);
    return true;
  }));
  return true;
}

}  // namespace chancery::storage::sqlite
