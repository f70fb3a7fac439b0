#include "ca/tidier.h"

#include <algorithm>

#include "access/grant_event.h"
#include "base/thread_name.h"
#include "ca/crl_rows.h"
#include "ca/service.h"

namespace chancery::ca {
namespace {

constexpr std::uint32_t kMostRows = 10'000;  // of one page
constexpr seconds kShortestInterval{60};

std::string run_name(const record::Scope& scope) { return scope.tenant + '\0' + scope.mount; }

bool is_under_way(TidyState state) {
  return state == TidyState::kRunning || state == TidyState::kCancelling;
}

// The id of a status identity under which a row lies.
std::string_view source_of(const record::StateRow& row) {
  return std::string_view(row.key.id).substr(0, row.key.id.find(':'));
}

std::string_view name(TidyState state) {
  return state == TidyState::kFinished    ? "finished"
         : state == TidyState::kCancelled ? "cancelled"
                                          : "failed";
}

}  // namespace

Tidier::Tidier(record::Store& store, AuthorityDirectory& directory, CrlPublisher& crls,
               const Clock& clock, Log& log)
    : store_(store), directory_(directory), crls_(crls), clock_(clock), log_(log) {
  store.committer().observe(*this);
}

Tidier::~Tidier() { stop(); }

void Tidier::stop() {
  std::vector<std::stop_source> cancels;
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    for (const auto& [name, run] : runs_) cancels.push_back(run.cancel);
  }
  worker_.request_stop();
  for (std::stop_source& cancel : cancels) cancel.request_stop();
  if (worker_.joinable()) worker_.join();
}

Result<Staged<TidyWish>> Tidier::start(const access::Grant& grant, const TidyWish& wish,
                                       std::string_view request_id) {
  if (wish.asks_for_nothing())
    return fail(Code::kInvalidArgument, "the tidy asks for nothing to be removed");
  const record::StateKey key = tidy_run_key(grant.scope());
  if (TRY(store_.state().get(key)))
    return fail(Code::kAlreadyExists, "Tidy operation already in progress.");
  record::WriteSet writes;
  writes.require_absent(key);
  writes.put(key, encode(wish));
  writes.append(access::grant_event(grant, record::EventKind::kTidyStarted, grant.scope().mount,
                                    request_id, clock_.now()));
  return Staged<TidyWish>(wish, std::move(writes));
}

bool Tidier::cancel(const record::Scope& scope) {
  std::stop_source cancel;
  {
    const std::scoped_lock lock(mutex_);
    const auto it = runs_.find(run_name(scope));
    if (it == runs_.end() || !is_under_way(it->second.status.state)) return false;
    it->second.status.state = TidyState::kCancelling;
    cancel = it->second.cancel;
  }
  cancel.request_stop();
  return true;
}

TidyStatus Tidier::status(const record::Scope& scope) const {
  const std::scoped_lock lock(mutex_);
  const auto it = runs_.find(run_name(scope));
  return it == runs_.end() ? TidyStatus{} : it->second.status;
}

Result<std::optional<TimePoint>> Tidier::last_finished(const record::Scope& scope) const {
  const auto row = TRY(store_.state().get(tidy_last_key(scope)));
  if (!row) return std::nullopt;
  return TRY(decode_time(row->value));
}

Result<AutoTidy> Tidier::settings(const record::Scope& scope) const {
  const auto row = TRY(store_.state().get(auto_tidy_key(scope)));
  if (!row) return AutoTidy{};
  return decode_auto_tidy(row->value);
}

Result<Staged<AutoTidy>> Tidier::set(const access::Grant& grant, const AutoChange& change,
                                     std::string_view request_id) const {
  const record::StateKey key = auto_tidy_key(grant.scope());
  const auto row = TRY(store_.state().get(key));
  AutoTidy settings;
  if (row) settings = TRY(decode_auto_tidy(row->value));
  TRY(change(settings));
  if (settings.enabled && settings.wish.asks_for_nothing())
    return fail(Code::kInvalidArgument, "automatic tidying asks for nothing to be removed");
  record::WriteSet writes;
  row ? writes.require_version(key, row->version) : writes.require_absent(key);
  writes.put(key, encode(settings));
  auto event = access::grant_event(grant, record::EventKind::kSettingsWritten, "auto-tidy",
                                   request_id, clock_.now());
  event.details = {{"enabled", settings.enabled ? "true" : "false"},
                   {"interval", format_duration(settings.interval)}};
  writes.append(event);
  return Staged<AutoTidy>(settings, std::move(writes));
}

Result<void> Tidier::resume(const record::Scope& scope) {
  const auto row = TRY(store_.state().get(tidy_run_key(scope)));
  if (row) enqueue({scope, TRY(decode_tidy_wish(row->value)), true});
  return {};
}

Result<void> Tidier::tend(const record::Scope& scope) {
  const AutoTidy automatic = TRY(settings(scope));
  if (!automatic.enabled || is_under_way(status(scope).state)) return {};
  const auto last = TRY(last_finished(scope));
  const TimePoint now = clock_.now();
  // A clock that was put back begins one as well.
  if (last && now >= *last && now < *last + std::max(automatic.interval, kShortestInterval))
    return {};
  auto staged = start(access::system_grant(scope), automatic.wish, {});
  if (!staged && staged.error().code == Code::kAlreadyExists) return {};
  if (!staged) return std::unexpected(staged.error());
  // Nobody waits: what is not written now is due again the next time.
  static_cast<void>(staged->submit(store_.committer()));
  return {};
}

void Tidier::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return jobs_.empty(); });
}

void Tidier::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) {
      if (change.key.kind != record::StateKind::kTidy) continue;
      if (!(change.key == tidy_run_key(change.key.scope))) continue;
      if (change.operation == record::StateChange::Operation::kErase) {
        const std::scoped_lock lock(mutex_);
        Run& run = runs_[run_name(change.key.scope)];
        run.status = run.ended;
      } else if (auto wish = decode_tidy_wish(change.value)) {
        enqueue({change.key.scope, *wish, false});
      }
    }
  }
}

void Tidier::enqueue(Job job) {
  const std::scoped_lock lock(mutex_);
  if (ending_) return;
  Run& run = runs_[run_name(job.scope)];
  run = Run{};
  run.status.state = TidyState::kRunning;
  run.status.wish = job.wish;
  run.status.started = clock_.now();
  jobs_.push_back(std::move(job));
  // The thread ends when the queue is empty, which it looks at under this lock.
  if (jobs_.size() == 1)
    worker_ = std::jthread([this](const std::stop_token& stopping) { work(stopping); });
}

void Tidier::work(const std::stop_token& stopping) {
  name_this_thread("tidy");
  for (;;) {
    Job job;
    {
      const std::scoped_lock lock(mutex_);
      job = jobs_.front();
    }
    run(job, stopping);
    const std::scoped_lock lock(mutex_);
    jobs_.pop_front();
    changed_.notify_all();
    if (jobs_.empty() || ending_) return;
  }
}

template <class Change>
void Tidier::change_status(const record::Scope& scope, Change change) {
  const std::scoped_lock lock(mutex_);
  change(runs_[run_name(scope)].status);
}

void Tidier::run(const Job& job, const std::stop_token& stopping) {
  std::stop_token cancel;
  {
    const std::scoped_lock lock(mutex_);
    cancel = runs_[run_name(job.scope)].cancel.get_token();
  }
  Result<void> done;
  if (job.wish.revoked_certs) done = tidy_revocations(job, cancel, stopping);
  // The row stays, so that the next start begins anew.
  if (stopping.stop_requested()) return;
  TidyStatus ended;
  {
    const std::scoped_lock lock(mutex_);
    Run& run = runs_[run_name(job.scope)];
    ended = run.status;
    ended.finished = clock_.now();
    ended.state = !done                     ? TidyState::kFailed
                  : cancel.stop_requested() ? TidyState::kCancelled
                                            : TidyState::kFinished;
    if (!done) ended.error = done.error().to_string();
    run.ended = ended;
  }
  if (const auto recorded = finish(job, ended); !recorded) {
    log_.error("the end of a tidy was not recorded", {{"error", recorded.error().to_string()}});
    change_status(job.scope, [&](TidyStatus& status) { status = ended; });
  }
  log_.info("tidy ended", {{"mount", job.scope.mount},
                           {"state", name(ended.state)},
                           {"revocations_removed", ended.revocations_removed},
                           {"error", ended.error}});
}

Result<void> Tidier::finish(const Job& job, const TidyStatus& status) {
  record::WriteSet writes;
  writes.erase(tidy_run_key(job.scope));
  writes.put(tidy_last_key(job.scope), encode_time(*status.finished));
  auto event =
      access::grant_event(access::system_grant(job.scope), record::EventKind::kTidyFinished,
                          job.scope.mount, {}, *status.finished);
  event.details = {{"revocations_removed", std::to_string(status.revocations_removed)},
                   {"state", std::string(name(status.state))}};
  writes.append(event);
  TRY(store_.committer().submit(std::move(writes)).wait(OnLane::outside_server()));
  return {};
}

Result<void> Tidier::tidy_revocations(const Job& job, const std::stop_token& cancel,
                                      const std::stop_token& stopping) {
  const std::uint32_t page =
      job.wish.page_size == 0 ? kMostRows : std::min(job.wish.page_size, kMostRows);
  std::set<std::string> touched;
  std::string after;
  Result<void> done;
  while (!cancel.stop_requested()) {
    const auto rows =
        TRY(store_.state().list(record::StateKind::kRevocation, job.scope, after, page));
    if (rows.empty()) break;
    done = remove_page(job, rows, touched);
    if (!done) break;
    after = rows.back().key.id;
    if (rows.size() < page || !pause(job.wish.pause, cancel)) break;
  }
  // What was removed is gone, so its entries go as well, cancelled or not.
  TRY(compact(job, touched, stopping));
  return done;
}

Result<bool> Tidier::was_published_after(const record::StateKey& key, TimePoint time) const {
  const auto row = TRY(store_.state().get(key));
  return row && TRY(decode_crl_state(row->value)).this_update > time;
}

Result<bool> Tidier::removable(const Job& job, const record::StateRow& row) {
  const std::string_view source = source_of(row);
  const Bytes serial = TRY(parse_hex(std::string_view(row.key.id).substr(source.size() + 1)));
  const auto status = TRY(directory_.status(job.scope, source));
  const auto certificate = TRY(store_.index().find_by_serial(job.scope, serial));
  // Nobody knows how long it lives.
  if (!certificate || !status->covers(certificate->issuer_id)) return false;
  if (certificate->not_after + job.wish.revoked_safety_buffer >= clock_.now()) return false;
  // It has to be on one CRL past its expiry (RFC 5280, 3.3); without a key here there is none.
  const auto all = TRY(directory_.list(job.scope));
  const auto authority = status_signer(*all, *status);
  if (!authority || authority->signer() == nullptr) return true;
  if (!TRY(was_published_after(crl_key(job.scope, status->id), certificate->not_after)))
    return false;
  // And on one of each shard that it stands on.
  for (unsigned count = 1; count <= kMostCrlShards; count *= 2) {
    const record::StateKey key =
        crl_key(job.scope, crl_row_id(status->id, shard_of(serial, count)));
    if (!TRY(store_.state().get(key))) continue;
    if (!TRY(was_published_after(key, certificate->not_after))) return false;
  }
  return true;
}

Result<void> Tidier::remove_page(const Job& job, const std::vector<record::StateRow>& rows,
                                 std::set<std::string>& touched) {
  record::WriteSet writes;
  std::uint64_t removed = 0;
  for (const record::StateRow& row : rows) {
    if (!TRY(removable(job, row))) continue;
    writes.require_version(row.key, row.version);
    writes.erase(row.key);
    record::StateKey hold = row.key;
    hold.kind = record::StateKind::kHold;
    writes.erase(std::move(hold));
    touched.emplace(TRY(directory_.status(job.scope, source_of(row)))->id);
    ++removed;
  }
  if (removed > 0) {
    // From here on nobody can say "good" of an expired certificate.
    writes.put(tidied_mark(job.scope), {});
    TRY(store_.committer().submit(std::move(writes)).wait(OnLane::outside_server()));
  }
  change_status(job.scope, [&](TidyStatus& status) {
    status.revocations_read += rows.size();
    status.revocations_removed += removed;
  });
  return {};
}

Result<void> Tidier::compact(const Job& job, const std::set<std::string>& touched,
                             const std::stop_token& stopping) {
  const auto all = TRY(directory_.list(job.scope));
  for (const auto& authority : *all) {
    if (!job.again && !touched.contains(authority->status().id)) continue;
    if (status_signer(*all, authority->status()) != authority) continue;  // once for all twins
    TRY(crls_.compact(*authority, stopping, OnLane::outside_server()));
  }
  return {};
}

// Returns false when there is nothing more to be done.
bool Tidier::pause(seconds length, const std::stop_token& stop) {
  if (length.count() == 0) return !stop.stop_requested();
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, length, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace chancery::ca
