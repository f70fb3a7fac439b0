#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "ca/authority_directory.h"
#include "ca/crl_publisher.h"
#include "ca/staged.h"
#include "ca/tidy.h"
#include "record/store.h"

namespace chancery::ca {

enum class TidyState : std::uint8_t {
  kInactive,
  kRunning,
  kCancelling,
  kCancelled,
  kFinished,
  kFailed,
};

// TidyStatus tells of the last tidy of a mount since the start of the program.
struct TidyStatus {
  TidyState state = TidyState::kInactive;
  TidyWish wish;
  TimePoint started;
  std::optional<TimePoint> finished;
  std::string error;  // of kFailed
  std::uint64_t revocations_read = 0;
  std::uint64_t revocations_removed = 0;
};

// Tidier removes what is derived and no longer needed, in the background: a page, a commit, a
// pause. One tidy a mount at a time, one after the other. A tidy is under way from the commit of
// its row on; one that a stop of the program cut off begins anew at the next start. Thread-safe.
// Made before the first commit; its thread lives only while there is work.
class Tidier final : public record::CommitObserver {
 public:
  Tidier(record::Store& store, AuthorityDirectory& directory, CrlPublisher& crls,
         const Clock& clock, Log& log);
  ~Tidier() override;
  Tidier(const Tidier&) = delete;
  Tidier& operator=(const Tidier&) = delete;

  // stop ends what is under way, to go on at the next start. For the time before the observers of
  // commits go.
  void stop();

  // start stages a tidy, which begins with the commit. Errors: kAlreadyExists (one is under way),
  // kInvalidArgument (it asks for nothing).
  [[nodiscard]] Result<Staged<TidyWish>> start(const access::Grant& grant, const TidyWish& wish,
                                               std::string_view request_id);
  // cancel asks the tidy of a mount to stop after its page; says whether there is one.
  bool cancel(const record::Scope& scope);
  [[nodiscard]] TidyStatus status(const record::Scope& scope) const;
  // last_finished is when a tidy of the mount last ended, before this start of the program too.
  [[nodiscard]] Result<std::optional<TimePoint>> last_finished(const record::Scope& scope) const;

  [[nodiscard]] Result<AutoTidy> settings(const record::Scope& scope) const;
  // set stages what `change` makes of the settings of automatic tidying. Of two writers that read
  // the same state one gets kConflict by the commit. Errors: `change`'s; kInvalidArgument.
  using AutoChange = std::function<Result<void>(AutoTidy&)>;
  [[nodiscard]] Result<Staged<AutoTidy>> set(const access::Grant& grant, const AutoChange& change,
                                             std::string_view request_id) const;

  // resume begins anew what a stop of the program cut off; once, at the start.
  [[nodiscard]] Result<void> resume(const record::Scope& scope);
  // tend starts the automatic tidy of a mount when it is due. Often, from one thread.
  [[nodiscard]] Result<void> tend(const record::Scope& scope);
  // wait returns when nothing is under way.
  void wait();

  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  struct Job {
    record::Scope scope;
    TidyWish wish;
    // It may have been cut off between removing revocations and writing the entry files anew.
    bool again = false;
  };
  struct Run {
    TidyStatus status;
    std::stop_source cancel;
    TidyStatus ended;  // what `status` becomes with the commit of the end
  };

  void enqueue(Job job);
  void work(const std::stop_token& stopping);
  void run(const Job& job, const std::stop_token& stopping);
  [[nodiscard]] Result<void> tidy_revocations(const Job& job, const std::stop_token& cancel,
                                              const std::stop_token& stopping);
  [[nodiscard]] Result<void> remove_page(const Job& job, const std::vector<record::StateRow>& rows,
                                         std::set<std::string>& touched);
  [[nodiscard]] Result<bool> was_published_after(const record::StateKey& key, TimePoint time) const;
  [[nodiscard]] Result<bool> removable(const Job& job, const record::StateRow& row);
  [[nodiscard]] Result<void> compact(const Job& job, const std::set<std::string>& touched,
                                     const std::stop_token& stopping);
  [[nodiscard]] Result<void> finish(const Job& job, const TidyStatus& status);
  [[nodiscard]] bool pause(seconds length, const std::stop_token& stop);
  template <class Change>
  void change_status(const record::Scope& scope, Change change);

  record::Store& store_;
  AuthorityDirectory& directory_;
  CrlPublisher& crls_;
  const Clock& clock_;
  Log& log_;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable_any changed_;
  std::map<std::string, Run, std::less<>> runs_;  // by tenant NUL mount
  std::deque<Job> jobs_;                          // the first is under way
  bool ending_ = false;
  std::jthread worker_;
};

}  // namespace chancery::ca
