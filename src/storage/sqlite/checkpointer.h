#pragma once

// Internal to this folder.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/log.h"
#include "storage/sqlite/database.h"

namespace chancery::storage::sqlite {

// Checkpointer moves the WAL into main.db on a thread and connection of its own, so that no commit
// pays for it. It starts copying early and without any lock; once the WAL is large it copies the
// short rest behind the write gate, which lets the WAL begin again from its start.
class Checkpointer {
 public:
  struct Limits {
    std::uint64_t copy = 1024;     // frames (pages) at which copying begins
    std::uint64_t restart = 6144;  // at which the WAL is made to begin again
    std::uint64_t bound = 14336;   // at which commits wait: 56 MiB of 4 KiB pages
  };
  using OnFailure = std::function<void(std::string_view reason)>;

  // `on_failure` hears of an I/O error: what a failed fsync left behind is not known, so it is not
  // retried.
  Checkpointer(Database database, Limits limits, Log& log, OnFailure on_failure);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // write_gate is held by the writer during a transaction.
  [[nodiscard]] std::mutex& write_gate() { return write_gate_; }
  // wal_has tells the number of frames in the WAL after a commit.
  void wal_has(std::uint64_t frames);
  // bound_wal keeps the WAL within its bound by working on the caller's thread; for the writer,
  // outside a transaction. Nearly always it returns at once.
  void bound_wal();
  // stop ends the thread. Idempotent.
  void stop();

 private:
  void run();
  void work();
  void checkpoint(int mode);
  void note(int result);

  std::mutex write_gate_;
  std::mutex connection_mutex_;
  Database database_;
  const Limits limits_;
  Log& log_;
  const OnFailure on_failure_;
  std::atomic<std::uint64_t> frames_{0};
  std::atomic<std::uint64_t> done_{0};  // frames already copied
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool wanted_ = false;
  std::thread thread_;
};

}  // namespace chancery::storage::sqlite
