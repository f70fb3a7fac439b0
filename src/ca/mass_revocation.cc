#include "ca/mass_revocation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <utility>

#include "access/grant_event.h"
#include "base/thread_name.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kRead = 1000;  // certificates read in one go
// Certificates that are put in order: few at first, so that the first are soon revoked. The more
// there are, the closer together lie the rows of a page. Two chunks of the most take 85 MB.
constexpr std::size_t kLeastChunk = std::size_t{1} << 15;
constexpr std::size_t kMostChunk = std::size_t{1} << 19;
// Certificates that are revoked in one commit, and how long it shall take: others wait behind it.
constexpr std::size_t kFirstPage = 1000;
constexpr std::size_t kLeastPage = 250;
constexpr std::size_t kMostPage = 4000;
constexpr std::chrono::milliseconds kPageTime{30};
constexpr std::size_t kMostJobs = 100;
constexpr int kMaxConflicts = 16;
constexpr std::size_t kIdSize = 10;
// How long a job waits when a page did not go through for a reason that passes.
constexpr std::chrono::milliseconds kRetry{500};

record::StateKey job_key(const record::Scope& scope, std::string_view id) {
  return {record::StateKind::kRevocationJob, scope, std::string(id)};
}

std::string known_name(const record::StateKey& key) {
  return key.scope.tenant + '\0' + key.scope.mount + '\0' + key.id;
}

record::CertificateQuery query_of(const MassWish& wish, const record::Scope& scope) {
  record::CertificateQuery query;
  query.scope = scope;
  query.brief = true;
  if (!wish.issuer_id.empty()) query.issuer_id = wish.issuer_id;
  if (!wish.name.empty()) query.name = wish.name;
  if (!wish.name_suffix.empty()) query.name_suffix = wish.name_suffix;
  query.not_after_from = wish.not_after_from;
  query.not_after_to = wish.not_after_to;
  return query;
}

record::Event finished_event(const MassJob& job, const record::Scope& scope, TimePoint now) {
  auto event = access::grant_event(access::system_grant(scope),
                                   record::EventKind::kRevocationFinished, job.id, {}, now);
  event.details = {{"already", std::to_string(job.already)},
                   {"examined", std::to_string(job.examined)},
                   {"revoked", std::to_string(job.revoked)},
                   {"state", std::string(name(job.state))}};
  return event;
}

// What a job waits out: a full disk or queue, an index or store that is not there for a while.
bool passes(Code code) {
  return code == Code::kUnavailable || code == Code::kTooManyRequests || code == Code::kStorageFull;
}

// A job that somebody changed at its end is looked at once more.
Result<bool> ended(const Result<void>& finished) {
  if (finished) return false;
  if (finished.error().code == Code::kConflict) return true;
  return std::unexpected(finished.error());
}

}  // namespace

// Chunk is what a job is at: certificates in the order of their rows of state. Written at random
// places, each of these rows would cost a page of the store. It is gathered from the log's row
// `before` down, until it has `most` or has come to `least`; then it is sorted.
class MassRevocation::Chunk {
 public:
  struct Candidate {
    std::uint64_t log_index = 0;
    TimePoint not_after;
    crypto::Sha256 fingerprint{};
    std::uint32_t issuer = 0;  // in issuers
    std::uint8_t serial_size = 0;
    std::array<std::uint8_t, 20> serial_octets{};  // a certificate has no more

    [[nodiscard]] BytesView serial() const { return {serial_octets.data(), serial_size}; }
  };
  Chunk(std::uint64_t before, std::uint64_t least, std::size_t most)
      : top_(before), before_(before), least_(least), most_(most) {
    candidates.reserve(std::min(most, kMostChunk));
  }

  std::vector<Candidate> candidates;
  std::vector<std::string> issuers;
  std::size_t next = 0;  // of the candidates: those before it are done

  // top is where it began, until() where it ends: rows from there on are in it.
  [[nodiscard]] std::uint64_t top() const { return top_; }
  [[nodiscard]] std::uint64_t until() const { return std::max(before_, least_); }
  // wanted is how many it is to have, where there are as many.
  [[nodiscard]] std::size_t wanted() const { return most_; }
  [[nodiscard]] bool gathered() const { return before_ <= least_ || candidates.size() >= most_; }

  // gather reads up to `count` certificates more.
  Result<void> gather(const record::CertificateIndex& index, const record::CertificateQuery& query,
                      std::size_t count) {
    for (std::size_t i = 0; i < count && !gathered(); i += kRead) {
      const auto found = TRY(index.search(query, before_, kRead));
      for (const record::CertificateRow& row : found.rows) {
        if (row.log_index >= least_) add(row);
      }
      before_ = found.next.value_or(0);
    }
    return {};
  }

  // sort puts them in order, one of each, and passes over those that were done before.
  void sort(const MassJob::Chunk& done) {
    std::vector<std::string> names = issuers;
    std::ranges::sort(names);
    for (Candidate& each : candidates) {
      const auto name = std::ranges::lower_bound(names, issuers[each.issuer]);
      each.issuer = static_cast<std::uint32_t>(name - names.begin());
    }
    issuers = std::move(names);
    const auto key = [](const Candidate& each) {
      return std::pair(each.issuer, as_text(each.serial()));
    };
    std::ranges::sort(candidates, {}, key);
    const auto repeated = std::ranges::unique(candidates, {}, key);
    candidates.erase(repeated.begin(), repeated.end());
    if (done.after.empty()) return;
    const auto issuer = std::ranges::lower_bound(issuers, done.issuer_id);
    // Where none of the issuer's is left, all of the next one's are still to be done.
    const bool found = issuer != issuers.end() && *issuer == done.issuer_id;
    const std::pair last(static_cast<std::uint32_t>(issuer - issuers.begin()),
                         found ? as_text(done.after) : std::string_view{});
    next = static_cast<std::size_t>(std::ranges::upper_bound(candidates, last, {}, key) -
                                    candidates.begin());
  }

 private:
  void add(const record::CertificateRow& row) {
    auto issuer = std::ranges::find(issuers, row.issuer_id);
    if (issuer == issuers.end()) issuer = issuers.insert(issuer, row.issuer_id);
    Candidate candidate{row.log_index,
                        row.not_after,
                        row.fingerprint,
                        static_cast<std::uint32_t>(issuer - issuers.begin()),
                        static_cast<std::uint8_t>(row.serial.size()),
                        {}};
    std::ranges::copy(row.serial, candidate.serial_octets.begin());
    candidates.push_back(candidate);
  }

  const std::uint64_t top_;
  std::uint64_t before_;
  const std::uint64_t least_;
  const std::size_t most_;
};

// Pace says how many certificates a commit takes, by how long the last one took.
class MassRevocation::Pace {
 public:
  [[nodiscard]] std::size_t page() const { return page_; }
  void took(std::size_t certificates, std::chrono::steady_clock::duration time) {
    if (certificates < page_) return;  // the last of a chunk
    const auto longest = std::chrono::duration_cast<std::chrono::microseconds>(2 * kPageTime);
    const auto real = std::chrono::duration_cast<std::chrono::microseconds>(time);
    const auto slowness = std::clamp(real, longest / 4, longest);  // kPageTime / 2 to twice that
    const auto target = std::chrono::microseconds(kPageTime).count();
    page_ = std::clamp(
        page_ * static_cast<std::size_t>(target) / static_cast<std::size_t>(slowness.count()),
        kLeastPage, kMostPage);
  }

 private:
  std::size_t page_ = kFirstPage;
};

// Going is what a step leaves for the next one.
struct MassRevocation::Going {
  std::optional<Chunk> ahead;  // what follows, as far as it is gathered
  Pace pace;
};

// Page is one commit being put together.
struct MassRevocation::Page {
  record::Scope scope;
  MassJob job;
  TimePoint now;
  AuthorityDirectory::List authorities;
  std::vector<std::shared_ptr<const StatusIdentity>> statuses;  // of the chunk's issuers
  bool look_first = false;
  std::size_t end = 0;  // of the chunk: where it is when this is done
  record::WriteSet writes;

  [[nodiscard]] bool is_authority(BytesView serial) const {
    return std::ranges::any_of(authorities, [&](const auto& authority) {
      return equal(authority->certificate().serial(), serial);
    });
  }
};

MassRevocation::MassRevocation(record::Store& store, AuthorityDirectory& directory,
                               const BlockedKeys& blocked, const Clock& clock, Random& random,
                               Log& log)
    : store_(store),
      directory_(directory),
      blocked_(blocked),
      clock_(clock),
      random_(random),
      log_(log) {
  store.committer().observe(*this);
}

MassRevocation::~MassRevocation() { stop(); }

void MassRevocation::stop() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  worker_.request_stop();
  if (worker_.joinable()) worker_.join();
}

Result<Staged<MassJob>> MassRevocation::start(const access::Grant& grant, MassWish wish,
                                              std::string_view request_id) {
  const auto refuse = [](std::string_view field, std::string detail) {
    return std::unexpected(
        Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("field", field));
  };
  if (wish.selects() == wish.everything) {
    return refuse("everything", wish.everything
                                    ? "\"everything\" goes with no other selection"
                                    : "nothing is selected: name an issuer, a name, a key or "
                                      "times, or say \"everything\"");
  }
  const TimePoint now = clock_.now();
  if (wish.revocation.invalid_since && *wish.revocation.invalid_since > now)
    return refuse("invalidity_date", "the key cannot have been lost in the future");
  if (wish.revocation.reason == x509::ReasonCode::kRemoveFromCrl)
    return refuse("reason", "a release is no revocation");
  MassJob job;
  Bytes random(kIdSize);
  random_.fill(random);
  job.id = hex(random);
  job.by = {grant.actor(), std::string(request_id), job.id};
  job.started = now;
  job.top = job.before = store_.log().size();
  record::WriteSet writes;
  if (!wish.spki_sha256.empty() && !wish.dry_run) {
    auto blocked =
        TRY(blocked_.block(grant, wish.spki_sha256,
                           "revoked with all its certificates, by job " + job.id, request_id));
    writes = std::move(blocked.writes());
  }
  // Old jobs make room.
  const auto before = TRY(list(grant.scope()));
  for (std::size_t i = kMostJobs - 1; i < before.size(); ++i) {
    if (!before[i].under_way()) writes.erase(job_key(grant.scope(), before[i].id));
  }
  job.wish = std::move(wish);
  const record::StateKey key = job_key(grant.scope(), job.id);
  writes.require_absent(key);
  writes.put(key, encode(job));
  auto event =
      access::grant_event(grant, record::EventKind::kRevocationStarted, job.id, request_id, now);
  event.details = {{"dry_run", job.wish.dry_run ? "true" : "false"},
                   {"reason", std::string(x509::name(job.wish.revocation.reason))}};
  const auto add = [&](std::string_view field, const std::string& value) {
    if (!value.empty()) event.details.push_back({std::string(field), value});
  };
  add("issuer", job.wish.issuer_id);
  add("name", job.wish.name);
  add("name_suffix", job.wish.name_suffix);
  add("spki_sha256", job.wish.spki_sha256);
  if (job.wish.not_after_from) add("not_after_from", rfc3339(*job.wish.not_after_from));
  if (job.wish.not_after_to) add("not_after_to", rfc3339(*job.wish.not_after_to));
  writes.append(event);
  return Staged<MassJob>(std::move(job), std::move(writes));
}

Result<Staged<MassJob>> MassRevocation::cancel(const access::Grant& grant, std::string_view id,
                                               std::string_view request_id) {
  const record::StateKey key = job_key(grant.scope(), id);
  const auto row = TRY(store_.state().get(key));
  if (!row) return fail(Code::kNotFound, "there is no such mass revocation");
  MassJob job = TRY(decode_mass_job(key.id, row->value));
  if (!job.under_way()) return fail(Code::kAlreadyExists, "the mass revocation has ended");
  job.state = MassState::kCancelling;
  record::WriteSet writes;
  writes.require_version(key, row->version);
  writes.put(key, encode(job));
  auto event = access::grant_event(grant, record::EventKind::kRevocationStarted, job.id, request_id,
                                   clock_.now());
  event.details = {{"state", "cancelling"}};
  writes.append(event);
  return Staged<MassJob>(std::move(job), std::move(writes));
}

Result<MassJob> MassRevocation::find(const record::Scope& scope, std::string_view id) const {
  const auto row = TRY(store_.state().get(job_key(scope, id)));
  if (!row) return fail(Code::kNotFound, "there is no such mass revocation");
  return decode_mass_job(row->key.id, row->value);
}

Result<std::vector<MassJob>> MassRevocation::list(const record::Scope& scope) const {
  const auto rows =
      TRY(store_.state().list(record::StateKind::kRevocationJob, scope, {}, 2 * kMostJobs));
  std::vector<MassJob> jobs;
  for (const record::StateRow& row : rows)
    jobs.push_back(TRY(decode_mass_job(row.key.id, row.value)));
  std::ranges::sort(jobs, std::greater{},
                    [](const MassJob& job) { return std::pair(job.started, job.top); });
  return jobs;
}

Result<void> MassRevocation::resume(const record::Scope& scope) {
  const auto jobs = TRY(list(scope));
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
    if (job->under_way()) enqueue(job_key(scope, job->id));
  }
  return {};
}

void MassRevocation::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return jobs_.empty(); });
}

void MassRevocation::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) {
      if (change.key.kind != record::StateKind::kRevocationJob) continue;
      if (change.operation != record::StateChange::Operation::kPut) continue;
      const auto job = decode_mass_job(change.key.id, change.value);
      if (job && job->under_way()) enqueue(change.key);
    }
  }
}

void MassRevocation::enqueue(const record::StateKey& key) {
  const std::scoped_lock lock(mutex_);
  if (ending_ || !known_.insert(known_name(key)).second) return;
  jobs_.push_back(key);
  // The thread ends when the queue is empty, which it looks at under this lock.
  if (jobs_.size() == 1)
    worker_ = std::jthread([this](const std::stop_token& stopping) { work(stopping); });
}

void MassRevocation::work(const std::stop_token& stopping) {
  name_this_thread("revoke");
  for (;;) {
    record::StateKey key;
    {
      const std::scoped_lock lock(mutex_);
      key = jobs_.front();
    }
    run(key, stopping);
    const std::scoped_lock lock(mutex_);
    jobs_.pop_front();
    known_.erase(known_name(key));
    changed_.notify_all();
    if (jobs_.empty() || ending_) return;
  }
}

void MassRevocation::run(const record::StateKey& key, const std::stop_token& stopping) {
  Result<bool> more = true;
  Going going;
  // The row stays, so that the next start goes on.
  while (!stopping.stop_requested()) {
    more = step(key, going, stopping);
    if (more ? !*more : !passes(more.error().code)) break;
    if (!more && !pause(kRetry, stopping)) return;
  }
  if (more || passes(more.error().code)) return;
  log_.error("a mass revocation failed", {{"job", key.id}, {"error", more.error().to_string()}});
  // A store that cannot be written keeps the job for the next start.
  static_cast<void>(finish(key, MassState::kFailed, more.error().to_string()));
}

bool MassRevocation::pause(std::chrono::milliseconds length, const std::stop_token& stopping) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stopping, length, [] { return false; });
  return !stopping.stop_requested();
}

Result<void> MassRevocation::finish(const record::StateKey& key, MassState state,
                                    std::string error) {
  const auto row = TRY(store_.state().get(key));
  if (!row) return {};
  MassJob job = TRY(decode_mass_job(key.id, row->value));
  job.state = state;
  job.error = std::move(error);
  job.finished = clock_.now();
  record::WriteSet writes;
  writes.require_version(key, row->version);
  writes.put(key, encode(job));
  writes.append(finished_event(job, key.scope, *job.finished));
  TRY(store_.committer().submit(std::move(writes)).wait(OnLane::outside_server()));
  log_.info("mass revocation ended", {{"job", job.id},
                                      {"state", name(job.state)},
                                      {"examined", job.examined},
                                      {"revoked", job.revoked}});
  return {};
}

Result<bool> MassRevocation::has_key(std::uint64_t log_index, std::string_view fingerprint) const {
  const auto stored = TRY(store_.log().get(log_index));
  if (stored.entry.certificate.empty()) return false;
  const auto certificate = TRY(x509::Certificate::parse(BytesView(stored.entry.certificate)));
  return spki_fingerprint(certificate.spki()) == fingerprint;
}

Result<void> MassRevocation::take(Page& page, const Chunk& chunk, std::size_t at) const {
  const Chunk::Candidate& found = chunk.candidates[at];
  const BytesView serial = found.serial();
  const std::string& issuer = chunk.issuers[found.issuer];
  ++page.job.examined;
  // The expired need no revocation, and an authority does not stand on its own CRL.
  if (found.not_after < page.now || page.is_authority(serial)) return {};
  const MassWish& wish = page.job.wish;
  if (!wish.spki_sha256.empty() && !TRY(has_key(found.log_index, wish.spki_sha256))) return {};
  std::optional<record::StateRow> before;
  const StatusIdentity& status = *page.statuses[found.issuer];
  // The commit does not look at rows of elders.
  if (page.look_first || wish.dry_run || !status.elders.empty()) {
    before = TRY(find_revocation(store_.state(), page.scope, status, serial));
    if (before && !TRY(may_follow(store_.state(), *before, wish.revocation, page.writes))) {
      ++page.job.already;
      return {};
    }
  }
  ++page.job.revoked;
  if (wish.dry_run) return {};
  static_cast<void>(write_revocation(
      page.writes, page.scope, {issuer, status.id, to_bytes(serial), found.fingerprint},
      wish.revocation, page.job.by, page.now, before ? &*before : nullptr));
  return {};
}

// What the job is at may have been begun before a stop of the program.
Result<MassRevocation::Chunk> MassRevocation::load(const record::StateKey& key, MassJob& job,
                                                   std::optional<Chunk>& ahead) const {
  const auto query = query_of(job.wish, key.scope);
  const bool is_next = ahead && !job.chunk && ahead->top() == job.before;
  Chunk chunk = is_next     ? *std::exchange(ahead, std::nullopt)
                : job.chunk ? Chunk(job.before, job.chunk->until, SIZE_MAX)
                            : Chunk(job.before, 0, kLeastChunk);
  ahead.reset();
  TRY(chunk.gather(store_.index(), query, SIZE_MAX));
  if (!job.chunk) job.chunk = MassJob::Chunk{chunk.until(), {}, {}};
  chunk.sort(*job.chunk);
  if (chunk.until() > 0) {
    ahead.emplace(chunk.until(), 0,
                  std::clamp(2 * chunk.candidates.size(), kLeastChunk, kMostChunk));
  }
  return chunk;
}

Result<MassRevocation::Page> MassRevocation::make(MassJob job, const record::StateRow& row,
                                                  const Chunk& chunk, std::size_t most,
                                                  bool look_first) const {
  const auto authorities = TRY(directory_.list(row.key.scope));
  Page page{row.key.scope,
            std::move(job),
            clock_.now(),
            *authorities,
            {},
            look_first,
            std::min(chunk.candidates.size(), chunk.next + most),
            {}};
  for (const std::string& issuer : chunk.issuers)
    page.statuses.push_back(TRY(directory_.status(row.key.scope, issuer)));
  for (std::size_t at = chunk.next; at < page.end; ++at) TRY(take(page, chunk, at));
  if (page.end == chunk.candidates.size()) {
    page.job.before = page.job.chunk->until;
    page.job.chunk.reset();
  } else {
    const Chunk::Candidate& last = chunk.candidates[page.end - 1];
    page.job.chunk->issuer_id = chunk.issuers[last.issuer];
    page.job.chunk->after = to_bytes(last.serial());
  }
  page.writes.require_version(row.key, row.version);
  page.writes.put(row.key, encode(page.job));
  return page;
}

Result<bool> MassRevocation::step(const record::StateKey& key, Going& going,
                                  const std::stop_token& stopping) {
  auto row = TRY(store_.state().get(key));
  if (!row) return false;
  MassJob job = TRY(decode_mass_job(key.id, row->value));
  if (!job.under_way()) return false;
  if (job.state == MassState::kCancelling) return ended(finish(key, MassState::kCancelled, {}));
  // What was issued between the staging of the job and its commit belongs to it.
  if (job.examined == 0 && job.before == job.top && !job.chunk)
    job.before = job.top = store_.log().size();
  Chunk chunk = TRY(load(key, job, going.ahead));
  int conflicts = 0;
  std::optional<Page> ready;
  while (job.chunk && !stopping.stop_requested()) {
    const std::size_t most = going.pace.page();
    Page page = ready ? *std::move(ready) : TRY(make(job, *row, chunk, most, conflicts > 0));
    ready.reset();
    const auto submitted = std::chrono::steady_clock::now();
    const Ticket ticket = store_.committer().submit(std::move(page.writes));
    const std::size_t begin = std::exchange(chunk.next, page.end);
    // While it becomes durable, the next one, and as large a part of the next chunk.
    const record::StateRow after{key, encode(page.job), row->version + 1};
    if (page.job.chunk) ready = TRY(make(page.job, after, chunk, most, false));
    if (going.ahead && !chunk.candidates.empty()) {
      const std::size_t times = going.ahead->wanted() / chunk.candidates.size();
      TRY(going.ahead->gather(store_.index(), query_of(job.wish, key.scope),
                              (page.end - begin) * std::clamp<std::size_t>(times, 1, 2)));
    }
    const auto receipt = ticket.wait(OnLane::outside_server());
    if (receipt) {
      going.pace.took(page.end - begin, std::chrono::steady_clock::now() - submitted);
      job = std::move(page.job);
      row = after;
      conflicts = 0;
      continue;
    }
    // Something of the page was revoked meanwhile, or the job is to be cancelled.
    if (receipt.error().code != Code::kConflict) return std::unexpected(receipt.error());
    if (++conflicts == kMaxConflicts)
      return fail(Code::kUnavailable, "others keep changing what is to be revoked");
    ready.reset();
    chunk.next = begin;
    const auto now = TRY(store_.state().get(key));
    if (!now || now->value != row->value) return true;
  }
  if (job.chunk || job.before > 0) return true;
  return ended(finish(key, MassState::kFinished, {}));
}

}  // namespace chancery::ca
