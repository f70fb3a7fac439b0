#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "ca/authority_directory.h"
#include "ca/blocked_keys.h"
#include "ca/revoker.h"
#include "record/store.h"

namespace chancery::ca {

// MassWish says which certificates are to be revoked, of all authorities of a mount: stored ones
// that have not expired and that match every field that is set.
struct MassWish {
  RevocationWish revocation;
  bool dry_run = false;     // only count
  bool everything = false;  // no field is set, and that is meant
  std::string issuer_id;
  std::string name;         // exact, as in a search
  std::string name_suffix;  // ".example.com"
  std::string spki_sha256;  // hex: certificates of this key
  std::optional<TimePoint> not_after_from;
  std::optional<TimePoint> not_after_to;

  [[nodiscard]] bool selects() const {
    return !issuer_id.empty() || !name.empty() || !name_suffix.empty() || !spki_sha256.empty() ||
           not_after_from || not_after_to;
  }
};

enum class MassState : std::uint8_t {
  kRunning = 0,
  kCancelling = 1,
  kFinished = 2,
  kCancelled = 3,
  kFailed = 4,
};
[[nodiscard]] std::string_view name(MassState state);  // "running"

// MassJob is one mass revocation as its row tells of it.
struct MassJob {
  std::string id;
  MassWish wish;
  RevokedBy by;
  MassState state = MassState::kRunning;
  TimePoint started;
  std::optional<TimePoint> finished;
  // How far it came: rows of the log from `top` on came too late for it, those from `before` on are
  // done.
  std::uint64_t top = 0;
  std::uint64_t before = 0;
  // The rows below `before` that it is at, if any: from `until` on. They go in the order of their
  // issuer and serial number, so that their rows of state lie together; `after` is the last one.
  struct Chunk {
    std::uint64_t until = 0;
    std::string issuer_id;
    Bytes after;
  };
  std::optional<Chunk> chunk;
  std::uint64_t examined = 0;
  std::uint64_t revoked = 0;  // in a dry run: would be
  std::uint64_t already = 0;  // revoked before
  std::string error;          // of kFailed

  [[nodiscard]] bool under_way() const {
    return state == MassState::kRunning || state == MassState::kCancelling;
  }
};
[[nodiscard]] Bytes encode(const MassJob& job);
[[nodiscard]] Result<MassJob> decode_mass_job(std::string id, BytesView der);

// MassRevocation revokes many certificates in the background: a page of them and the job's progress
// in one commit, so that a job that a stop of the program cut off goes on where it was. While a
// page becomes durable, the next one is made, and more is gathered for those behind it. One job
// after the other. What is issued after the start is not in it. Thread-safe. Made before the first
// commit; its thread lives only while there is work.
class MassRevocation final : public record::CommitObserver {
 public:
  MassRevocation(record::Store& store, AuthorityDirectory& directory, const BlockedKeys& blocked,
                 const Clock& clock, Random& random, Log& log);
  ~MassRevocation() override;
  MassRevocation(const MassRevocation&) = delete;
  MassRevocation& operator=(const MassRevocation&) = delete;

  // start stages a job, which begins with the commit. Where the certificates of a key are revoked,
  // the same commit blocks the key. Errors: kInvalidArgument (it selects nothing).
  [[nodiscard]] Result<Staged<MassJob>> start(const access::Grant& grant, MassWish wish,
                                              std::string_view request_id);
  // cancel stages the wish that a job stop after its page; what is revoked stays so. Errors:
  // kNotFound, kConflict (it has ended).
  [[nodiscard]] Result<Staged<MassJob>> cancel(const access::Grant& grant, std::string_view id,
                                               std::string_view request_id);
  // find errors: kNotFound.
  [[nodiscard]] Result<MassJob> find(const record::Scope& scope, std::string_view id) const;
  // list gives the jobs of a mount, the latest first: those under way and the last that ended.
  [[nodiscard]] Result<std::vector<MassJob>> list(const record::Scope& scope) const;

  // resume goes on with what a stop of the program cut off; once, at the start.
  [[nodiscard]] Result<void> resume(const record::Scope& scope);
  // wait returns when nothing is under way.
  void wait();
  // stop ends what is under way after its page; it goes on at the next start. For the time before
  // the observers of commits go.
  void stop();

  void committed(std::span<const record::CommittedSet> batch) override;

 private:
  struct Page;
  class Chunk;
  class Pace;
  struct Going;
  void enqueue(const record::StateKey& key);
  void work(const std::stop_token& stopping);
  void run(const record::StateKey& key, const std::stop_token& stopping);
  // pause returns false when the thread is to end.
  [[nodiscard]] bool pause(std::chrono::milliseconds length, const std::stop_token& stopping);
  // step does a chunk and says whether there may be more.
  [[nodiscard]] Result<bool> step(const record::StateKey& key, Going& going,
                                  const std::stop_token& stopping);
  // load gathers what `job` is at, from `ahead` where it is that, and leaves there the beginning of
  // what follows.
  [[nodiscard]] Result<Chunk> load(const record::StateKey& key, MassJob& job,
                                   std::optional<Chunk>& ahead) const;
  // make puts together the page that follows `job`, whose row is `row`: at most `most`
  // certificates. `look_first`: it looks at what was there, since the commit said that something
  // was.
  [[nodiscard]] Result<Page> make(MassJob job, const record::StateRow& row, const Chunk& chunk,
                                  std::size_t most, bool look_first) const;
  [[nodiscard]] Result<void> take(Page& page, const Chunk& chunk, std::size_t at) const;
  [[nodiscard]] Result<bool> has_key(std::uint64_t log_index, std::string_view fingerprint) const;
  [[nodiscard]] Result<void> finish(const record::StateKey& key, MassState state,
                                    std::string error);

  record::Store& store_;
  AuthorityDirectory& directory_;
  const BlockedKeys& blocked_;
  const Clock& clock_;
  Random& random_;
  Log& log_;

  std::mutex mutex_;  // guards the rest
  std::condition_variable_any changed_;
  std::deque<record::StateKey> jobs_;  // the first is under way
  std::set<std::string> known_;        // ids of those: their rows are written at every page
  bool ending_ = false;
  std::jthread worker_;
};

}  // namespace chancery::ca
