#include "storage/sqlite/indexer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace chancery::storage::sqlite {
namespace {

constexpr std::chrono::milliseconds kRetry{1000};
// Hot files that wait to be sealed; with more, the current one grows instead.
constexpr std::size_t kMostHots = 3;

}  // namespace

Indexer::~Indexer() { stop(); }

void Indexer::publish(std::uint64_t log_size, std::vector<record::LogRow> rows) {
  tail_.add(std::move(rows), log_size);
  if (!asleep_.load()) return;  // it looks again by itself
  const std::scoped_lock lock(mutex_);
  hot_wake_.notify_one();
}

void Indexer::report(std::string& trouble, const Result<void>& result) {
  const std::string text = result ? "" : result.error().to_string();
  const std::scoped_lock lock(mutex_);
  if (!text.empty() && text != trouble) {
    log_.warning("the certificate index cannot be written", {{"error", text}});
  }
  trouble = text;
}

std::string Indexer::trouble() const {
  const std::scoped_lock lock(mutex_);
  return hot_trouble_.empty() ? maintenance_trouble_ : hot_trouble_;
}

// Sleeps; returns whether the indexer goes on.
bool Indexer::pause(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  std::unique_lock lock(mutex_);
  while (!stopping_ && std::chrono::steady_clock::now() < end) hot_wake_.wait_until(lock, end);
  return !stopping_;
}

// Waits until there are rows, and then for more of them; false when it is time to end.
bool Indexer::wait_for_rows() {
  std::unique_lock lock(mutex_);
  asleep_.store(true);
  while (!stopping_ && lag() == 0) hot_wake_.wait(lock);
  const auto end = std::chrono::steady_clock::now() + options_.delay;
  // Commits do not wake us here (asleep_ is false), so look every few milliseconds at most.
  asleep_.store(false);
  while (!stopping_ && tail_.size() < options_.batch && std::chrono::steady_clock::now() < end) {
    hot_wake_.wait_until(lock,
                         std::min(end, std::chrono::steady_clock::now() + options_.delay / 8));
    lock.unlock();
    tail_.settle();  // so that a reader finds few rows left to make
    lock.lock();
  }
  return !stopping_ || lag() > 0;
}

void Indexer::run_hot() {
  ::pthread_setname_np(::pthread_self(), "store-index");
  while (wait_for_rows()) {
    const Result<void> written = write_hot();
    report(hot_trouble_, written);
    // What is in the tail is in the log: it is read from there at the next start.
    if (!written && !pause(kRetry)) return;
  }
}

Result<void> Indexer::write_hot() {
  const std::scoped_lock moving(movement_);
  const RowTable::Slice slice = tail_.oldest(options_.batch);
  if (slice.end > hot_->position()) TRY(hot_->write(slice.rows, slice.end));
  tail_.drop_below(slice.end);
  if (hot_->rows() >= options_.hot_rows && catalog_->manifest().hots.size() < kMostHots) {
    TRY(rotate());
  }
  return {};
}

// Begins a new hot file; the old one takes no more rows and waits to be sealed.
Result<void> Indexer::rotate() {
  const std::uint64_t number = catalog_->manifest().next_number;
  const std::uint64_t first = hot_->position();
  auto next = TRY(HotFile::create(catalog_->hot_path(number), first));
  TRY(catalog_->change([&](Manifest& manifest) {
    manifest.next_number = number + 1;
    manifest.hots.push_back({number, first});
    return true;
  }));
  hot_ = std::move(next);
  wake_maintenance();
  return {};
}

void Indexer::wake_maintenance() {
  const std::scoped_lock lock(mutex_);
  work_to_do_ = true;
  maintenance_wake_.notify_one();
}

bool Indexer::settled() const {
  const std::scoped_lock lock(mutex_);
  return !work_to_do_ && !maintaining_;
}

Result<void> Indexer::rebuild() {
  {
    const std::scoped_lock moving(movement_);
    const std::uint64_t number = catalog_->manifest().next_number;
    const std::uint64_t first = hot_->position();
    auto next = TRY(HotFile::create(catalog_->hot_path(number), first));
    TRY(catalog_->change([&](Manifest& manifest) {
      manifest = Manifest{number + 1, {}, {{number, first}}, {}};
      if (first > 0) manifest.missing.push_back({0, first});
      return true;
    }));
    hot_ = std::move(next);
  }
  wake_maintenance();
  std::unique_lock lock(mutex_);
  while (!stopping_ && (work_to_do_ || maintaining_) && maintenance_trouble_.empty()) {
    settled_.wait(lock);
  }
  if (!maintenance_trouble_.empty()) return fail(Code::kUnavailable, maintenance_trouble_);
  if (work_to_do_ || maintaining_) return fail(Code::kUnavailable, "the store is stopping");
  return {};
}

void Indexer::stop() {
  const std::scoped_lock once(stop_mutex_);
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    hot_wake_.notify_all();
    maintenance_wake_.notify_all();
    settled_.notify_all();
  }
  if (!hot_thread_.joinable()) return;
  hot_thread_.join();
  maintenance_thread_.join();
  const std::scoped_lock moving(movement_);  // a rebuild may be at it
  if (const Result<void> closed = hot_->close(); !closed) {
    log_.warning("the index will be made again at the next start",
                 {{"error", closed.error().to_string()}});
  }
}

}  // namespace chancery::storage::sqlite
