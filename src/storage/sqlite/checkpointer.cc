#include "storage/sqlite/checkpointer.h"

#include <pthread.h>

#include <utility>

namespace chancery::storage::sqlite {

Checkpointer::Checkpointer(Database database, Limits limits, Log& log, OnFailure on_failure)
    : database_(std::move(database)),
      limits_(limits),
      log_(log),
      on_failure_(std::move(on_failure)) {
  thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() { stop(); }

void Checkpointer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::wal_has(std::uint64_t frames) {
  if (frames < frames_.exchange(frames)) done_.store(0);  // the WAL began again
  if (frames < done_.load() + limits_.copy) return;
  const std::scoped_lock lock(mutex_);
  if (wanted_) return;
  wanted_ = true;
  wake_.notify_one();
}

void Checkpointer::bound_wal() {
  if (frames_.load() < limits_.bound || failed_.load()) return;
  work();
}

void Checkpointer::run() {
  ::pthread_setname_np(::pthread_self(), "store-wal");
  std::unique_lock lock(mutex_);
  while (true) {
    while (!wanted_ && !stopping_) wake_.wait(lock);
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    if (!failed_.load()) work();
    lock.lock();
  }
}

void Checkpointer::work() {
  const std::scoped_lock connection(connection_mutex_);
  checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  if (frames_.load() < limits_.restart || failed_.load()) return;
  const std::scoped_lock gate(write_gate_);
  checkpoint(SQLITE_CHECKPOINT_RESTART);
}

void Checkpointer::checkpoint(int mode) {
  int frames = 0;
  int copied = 0;
  const int result = sqlite3_wal_checkpoint_v2(database_.handle(), "main", mode, &frames, &copied);
  if (result == SQLITE_OK) {
    // After RESTART the next commit writes at the start.
    const bool restarted = mode == SQLITE_CHECKPOINT_RESTART;
    done_.store(restarted ? 0 : static_cast<std::uint64_t>(copied));
    if (restarted) frames_.store(0);
  } else {
    note(result);
  }
}

void Checkpointer::note(int result) {
  const int primary = result & 0xff;
  // A reader was in the way, or the disk is full: the WAL keeps everything until the next attempt.
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_FULL) return;
  const Error error = to_error(result, database_.handle(), "checkpoint failed");
  failed_.store(true);
  log_.error("checkpoint failed", {{"error", error.to_string()}});
  on_failure_(error.to_string());
}

}  // namespace chancery::storage::sqlite
