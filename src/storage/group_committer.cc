#include "storage/group_committer.h"

#include <pthread.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/set_plan.h"

namespace chancery::storage {

using record::CommittedSet;
using record::LogEntry;
using record::WriteSet;

struct GroupCommitter::Pending {
  WriteSet set;
  TicketIssuer issuer;
  std::uint64_t first_index = 0;
  std::optional<Error> refused;
};

namespace {

// may_use_reserve: a revocation, and the CRL that tells of it; and what takes no space, such as the
// revocation of what is revoked already.
bool may_use_reserve(const WriteSet& set) {
  if (set.entries.empty() && set.changes.empty()) return true;
  return std::ranges::any_of(set.entries, [](const LogEntry& entry) {
    return entry.kind == record::EventKind::kCertificateRevoked ||
           entry.kind == record::EventKind::kCertificateHeld ||
           entry.kind == record::EventKind::kCrlPublished;
  });
}

Error out_of_service_error() {
  return Error{Code::kUnavailable, "the store is out of service", {}, {}};
}

Error full_error() {
  return Error{Code::kStorageFull, "no space left in the store", {}, seconds{5}};
}

}  // namespace

GroupCommitter::GroupCommitter(CommitEngine& engine, Publication& publication, Log& log,
                               CommitterOptions options)
    : engine_(engine),
      publication_(publication),
      log_(log),
      options_(options),
      next_index_(engine.log_size()) {
  thread_ = std::thread([this] { run(); });
}

GroupCommitter::~GroupCommitter() { stop(); }

std::optional<Error> GroupCommitter::refuse_now(const WriteSet& set) const {
  if (failed_.load()) return out_of_service_error();
  if (const auto admitted = engine_.admit(set); !admitted) return admitted.error();
  return std::nullopt;
}

Ticket GroupCommitter::submit(WriteSet set) {
  Pending pending;
  const Ticket ticket = pending.issuer.ticket();
  if (auto error = refuse_now(set)) {
    pending.issuer.complete(std::unexpected(*std::move(error)));
    return ticket;
  }
  pending.set = std::move(set);
  std::optional<Error> error;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || failed_.load()) {
      error = Error{Code::kUnavailable, "the store is stopping or out of service", {}, {}};
    } else if (queue_.size() >= options_.queue_limit) {
      error = Error{Code::kTooManyRequests, "too many writes are waiting", {}, seconds{1}};
    } else {
      if (queue_.empty()) first_at_ = Clock::now();
      queue_.push_back(std::move(pending));
      const std::size_t waiting = queue_.size();
      if (waiting == 1 || waiting == options_.enough || busy_.load() == 0) wake_.notify_one();
    }
  }
  if (error) pending.issuer.complete(std::unexpected(*std::move(error)));
  return ticket;
}

void GroupCommitter::observe(record::CommitObserver& observer) { observers_.push_back(&observer); }

void GroupCommitter::reactor_busy() { busy_.fetch_add(1); }

void GroupCommitter::reactor_idle() {
  if (busy_.fetch_sub(1) != 1 || !waiting_.load()) return;
  const std::scoped_lock lock(mutex_);
  wake_.notify_one();
}

void GroupCommitter::stop() {
  const std::scoped_lock once(stop_mutex_);
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void GroupCommitter::fail(std::string_view reason) {
  {
    const std::scoped_lock lock(mutex_);
    if (failed_.load()) return;
    out_of_service_ = reason;
    failed_.store(true);
    wake_.notify_one();
  }
  log_.error("store out of service", {{"reason", reason}});
}

void GroupCommitter::report(StoreHealth& health) const {
  const std::scoped_lock lock(mutex_);
  health.out_of_service = failed_.load();
  health.reason = out_of_service_;
  health.storage_full = full_.load();
}

CommitStatistics GroupCommitter::statistics() const {
  return {flushes_.load(), sets_.load(), entries_.load(), refused_.load()};
}

bool GroupCommitter::ready(Clock::time_point now) const {
  return stopping_ || failed_.load() || busy_.load() == 0 || queue_.size() >= options_.enough ||
         now >= first_at_ + options_.linger;
}

// Takes the next sets to commit, waiting for them and for more of them; empty when it is time to
// end.
std::vector<GroupCommitter::Pending> GroupCommitter::next_batch() {
  std::unique_lock lock(mutex_);
  while (queue_.empty() && !stopping_) wake_.wait(lock);
  // From here reactor_idle() wakes us: it sees waiting_, or we see its busy_.
  waiting_.store(true);
  while (!queue_.empty() && !ready(Clock::now())) {
    wake_.wait_until(lock, first_at_ + options_.linger);
  }
  waiting_.store(false);
  std::vector<Pending> batch;
  const std::size_t count = std::min(queue_.size(), options_.batch_limit);
  batch.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  first_at_ = Clock::now();
  return batch;
}

void GroupCommitter::run() {
  ::pthread_setname_np(::pthread_self(), "store-commit");
  for (auto batch = next_batch(); !batch.empty(); batch = next_batch()) {
    if (failed_.load()) {
      complete_all(batch, out_of_service_error());
    } else {
      process(batch);
    }
  }
}

void GroupCommitter::process(std::vector<Pending>& batch) {
  if (reserve_released_) restore_reserve();
  if (reserve_released_) {
    handle_full(batch);
    return;
  }
  const Result<void> committed = attempt(batch);
  if (committed) {
    full_.store(false);
    publish(batch);
  } else if (committed.error().code == Code::kStorageFull) {
    handle_full(batch);
  } else {
    fail(committed.error().to_string());
    complete_all(batch, {Code::kUnknownOutcome, "the store failed while writing", {}, {}});
  }
}

Result<void> GroupCommitter::stage(Pending& pending, std::uint64_t& next,
                                   std::vector<RowChange>& changes) {
  Result<SetPlan> plan = SetPlan::make(engine_, pending.set);
  if (!plan) {
    if (!is_refusal(plan.error().code)) return std::unexpected(std::move(plan).error());
    pending.refused = std::move(plan).error();
    return {};
  }
  TRY(plan->apply(engine_, changes));
  pending.first_index = next;
  for (const LogEntry& entry : pending.set.entries) TRY(engine_.append(next++, entry));
  return {};
}

// One transaction over the whole batch. On an error nothing of it has happened, unless commit()
// failed.
Result<void> GroupCommitter::attempt(std::vector<Pending>& batch) {
  const auto all = [&]() -> Result<void> {
    TRY(engine_.begin());
    std::uint64_t next = next_index_;
    std::vector<RowChange> changes;
    for (Pending& pending : batch) {
      pending.refused.reset();
      TRY(stage(pending, next, changes));
    }
    publication_.begin(std::move(changes), next_index_);
    TRY(engine_.commit());
    next_index_ = next;
    return {};
  };
  Result<void> done = all();
  if (!done) {
    engine_.rollback();
    publication_.end();
  }
  return done;
}

// The order matters: caches are made true, then readers get the rows, then tickets complete.
void GroupCommitter::publish(std::vector<Pending>& batch) {
  std::vector<record::LogRow> rows;
  std::vector<CommittedSet> sets;
  sets.reserve(batch.size());
  std::uint64_t entries = 0;
  for (Pending& pending : batch) {
    if (pending.refused) continue;
    sets.push_back({&pending.set, pending.first_index});
    entries += pending.set.entries.size();
    for (std::size_t i = 0; i < pending.set.entries.size(); ++i) {
      const LogEntry& entry = pending.set.entries[i];
      if (!entry.certificate.empty()) rows.push_back({pending.first_index + i, entry});
    }
  }
  engine_.publish(next_index_, std::move(rows));
  for (record::CommitObserver* observer : observers_) observer->committed(sets);
  publication_.end();
  flushes_.fetch_add(1);
  sets_.fetch_add(sets.size());
  entries_.fetch_add(entries);
  refused_.fetch_add(batch.size() - sets.size());
  for (Pending& pending : batch) {
    if (pending.refused) {
      pending.issuer.complete(std::unexpected(*std::move(pending.refused)));
      continue;
    }
    // A set without entries is placed behind the newest event before it.
    const bool wrote = !pending.set.entries.empty() || pending.first_index == 0;
    pending.issuer.complete(Receipt{wrote ? pending.first_index : pending.first_index - 1});
  }
}

// No space: revocations and CRLs go into the reserve, everything else is refused.
void GroupCommitter::handle_full(std::vector<Pending>& batch) {
  full_.store(true);
  const auto others = std::stable_partition(batch.begin(), batch.end(), [](const Pending& pending) {
    return may_use_reserve(pending.set);
  });
  std::vector<Pending> refused(std::make_move_iterator(others),
                               std::make_move_iterator(batch.end()));
  batch.erase(others, batch.end());
  complete_all(refused, full_error());
  if (batch.empty()) return;
  if (engine_.release_reserve()) log_.warning("storage is full: revocations use the reserve");
  if (!reserve_released_) reserve_tried_ = Clock::now();
  reserve_released_ = true;
  const Result<void> committed = attempt(batch);
  if (committed) {
    publish(batch);
  } else if (committed.error().code == Code::kStorageFull) {
    complete_all(batch, full_error());
  } else {
    fail(committed.error().to_string());
    complete_all(batch, {Code::kUnknownOutcome, "the store failed while writing", {}, {}});
  }
}

void GroupCommitter::restore_reserve() {
  const auto now = Clock::now();
  if (now < reserve_tried_ + options_.reserve_retry) return;
  reserve_tried_ = now;
  if (!engine_.restore_reserve()) return;
  reserve_released_ = false;
  log_.info("storage has space again");
}

void GroupCommitter::complete_all(std::vector<Pending>& batch, const Error& error) {
  for (Pending& pending : batch) pending.issuer.complete(std::unexpected(error));
}

}  // namespace chancery::storage
