#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ticket.h"
#include "record/write_set.h"

namespace chancery::record {

// StateReader reads the current rows. Thread-safe. A read sees every commit whose ticket is
// complete, and none before every observer has seen it: a read of what is being published waits
// that moment.
class StateReader {
 public:
  virtual ~StateReader() = default;
  // local says that reads take microseconds and may run on a reactor.
  [[nodiscard]] virtual bool local() const = 0;
  // get reads one row by its key. Errors: kUnavailable, kDataLoss.
  [[nodiscard]] virtual Result<std::optional<StateRow>> get(const StateKey& key) const = 0;
  // list reads rows of one kind and scope with id > `after`, in byte order of id, at most `limit`.
  [[nodiscard]] virtual Result<std::vector<StateRow>> list(StateKind kind, const Scope& scope,
                                                           std::string_view after,
                                                           std::size_t limit) const = 0;
};

struct LogRow {
  std::uint64_t index = 0;  // 0 for the first event ever; no gaps
  LogEntry entry;
};

// LogReader reads the append-only history. Thread-safe; same visibility as StateReader, but for
// size(), which may count rows that are being published: reading them waits.
class LogReader {
 public:
  virtual ~LogReader() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // get reads one row. Errors: kNotFound, kUnavailable, kDataLoss (its bytes fail their check).
  [[nodiscard]] virtual Result<LogRow> get(std::uint64_t index) const = 0;
  // read returns rows with index >= `first`, in order, at most `limit` (a page: no transaction
  // outlives it).
  [[nodiscard]] virtual Result<std::vector<LogRow>> read(std::uint64_t first,
                                                         std::size_t limit) const = 0;
  // read_kind is read for one kind of event other than kCertificateIssued; its cost does not depend
  // on how many events of other kinds there are.
  [[nodiscard]] virtual Result<std::vector<LogRow>> read_kind(EventKind kind, std::uint64_t first,
                                                              std::size_t limit) const = 0;
};

// CertificateRow is what the derived index knows of one stored certificate.
struct CertificateRow {
  std::uint64_t log_index = 0;
  Scope scope;
  std::string issuer_id;
  std::string profile;  // the role or profile that allowed it
  Bytes serial;         // content octets
  crypto::Sha256 fingerprint{};
  std::string subject;  // RFC 4514
  std::string common_name;
  std::vector<std::string> names;  // SAN values: DNS in lower case, e-mail, URI, IP as text
  std::string key_type;            // "ECDSA P-256"
  TimePoint not_before;
  TimePoint not_after;
};

// CertificateQuery selects stored certificates; every field that is set must hold.
struct CertificateQuery {
  std::optional<Scope> scope;
  std::optional<std::string> issuer_id;
  std::optional<std::string>
      name;  // exact: a SAN value or the common name (DNS names in lower case)
  std::optional<std::string> name_suffix;  // ".example.com": every name that ends so
  std::optional<crypto::Sha256> fingerprint;
  std::optional<Bytes> serial;
  std::optional<TimePoint> not_after_from;  // inclusive
  std::optional<TimePoint> not_after_to;    // exclusive
  // Of the rows only log index, scope, issuer, serial number, fingerprint and times are looked at:
  // a store may leave out the rest, which is most of what they cost.
  bool brief = false;
};

struct CertificatePage {
  std::vector<CertificateRow> rows;   // ordered by log index, newest first
  std::optional<std::uint64_t> next;  // pass as `before` to read on; nothing at the end
};

// CertificateIndex finds stored certificates. It is derived from the log: it can be rebuilt and
// checked. Thread-safe. A certificate is found from the moment its ticket is complete.
class CertificateIndex {
 public:
  virtual ~CertificateIndex() = default;
  // find_by_serial is a point look-up (by the expiry month in the serial where it has one).
  [[nodiscard]] virtual Result<std::optional<CertificateRow>> find_by_serial(
      const Scope& scope, BytesView serial) const = 0;
  [[nodiscard]] virtual Result<std::optional<CertificateRow>> find_by_fingerprint(
      const crypto::Sha256& fingerprint) const = 0;
  // search may read long: only on the search lane. `before`: log index to continue below.
  [[nodiscard]] virtual Result<CertificatePage> search(const CertificateQuery& query,
                                                       std::optional<std::uint64_t> before,
                                                       std::size_t limit) const = 0;
  // list_serials pages through all stored certificates of a scope in byte order of their serial,
  // after `after`, at most `limit`.
  [[nodiscard]] virtual Result<std::vector<Bytes>> list_serials(const Scope& scope, BytesView after,
                                                                std::size_t limit) const = 0;
};

// CommittedSet is a set that has just become durable.
struct CommittedSet {
  const WriteSet* set = nullptr;
  std::uint64_t first_index = 0;  // log index of its first entry
};

// CommitObserver keeps a cache true: it is called on the committer thread after a batch is durable
// and before any of its tickets completes, and before any reader gets rows of the batch. It must be
// fast, must not fail, must not read what the batch wrote, and takes no lock that anybody keeps
// while reading the store.
class CommitObserver {
 public:
  virtual ~CommitObserver() = default;
  virtual void committed(std::span<const CommittedSet> batch) = 0;
};

// Committer makes write sets durable, many in one flush. Thread-safe.
class Committer {
 public:
  virtual ~Committer() = default;
  // submit queues a set; the ticket completes when it is durable or refused. Sets take effect in
  // the order of submission. Refused at once when the queue is full (kTooManyRequests) or the store
  // is out of service (kUnavailable). Errors by ticket: kConflict, kStorageFull, kUnavailable,
  // kUnknownOutcome.
  [[nodiscard]] virtual Ticket submit(WriteSet set) = 0;
  // observe registers an observer; before the first submit only.
  virtual void observe(CommitObserver& observer) = 0;
  // What reactors have in hand (see http::ReactorObserver): while any is busy the committer may
  // wait for more sets, for a few milliseconds after the first; when none is, it commits at once.
  virtual void reactor_busy() = 0;
  virtual void reactor_idle() = 0;
};

// ScratchFile is a file without a name, for what is too large for memory: it is gone with its last
// owner, and with the program. Written by one thread, then read by any.
class ScratchFile {
 public:
  virtual ~ScratchFile() = default;
  // write puts bytes at a place; what was never written there is zero. Errors: kStorageFull,
  // kUnavailable.
  [[nodiscard]] virtual Result<void> write(std::uint64_t offset, BytesView bytes) = 0;
  // map shows all of it, for as long as the file lives; called before the last write too. Errors:
  // kUnavailable.
  [[nodiscard]] virtual Result<BytesView> map() = 0;
  // descriptor is what it can be sent from, by position; it stays the file's.
  [[nodiscard]] virtual int descriptor() const = 0;
};

// DerivedFiles are append-only byte files that are computed from the log, each with the log
// position it covers: CRL entries of one issuer. They may be lost at any time; owners rebuild them
// from the log.
class DerivedFiles {
 public:
  struct Content {
    std::shared_ptr<const void> keep_alive;  // holds the mapping
    BytesView bytes;
    std::uint64_t covers = 0;  // every log row below this index is accounted for
  };
  virtual ~DerivedFiles() = default;
  // open maps the file as it is now; an absent one is empty and covers 0. The mapping stays valid
  // and unchanged while others append.
  [[nodiscard]] virtual Result<Content> open(std::string_view name) const = 0;
  // open_again is open for who has seen the first `seen` bytes: they are there, and not checked for
  // damage once more, so that it costs what came since.
  [[nodiscard]] virtual Result<Content> open_again(std::string_view name,
                                                   std::uint64_t seen) const = 0;
  // append adds bytes and moves the position, both or neither across a crash. One appender a name
  // at a time.
  [[nodiscard]] virtual Result<void> append(std::string_view name, BytesView bytes,
                                            std::uint64_t covers) = 0;
  [[nodiscard]] virtual Result<void> remove(std::string_view name) = 0;
  // scratch makes a file beside them. Errors: kStorageFull, kUnavailable.
  [[nodiscard]] virtual Result<std::unique_ptr<ScratchFile>> scratch() = 0;
};

struct CheckReport {
  std::uint64_t rows = 0;          // log rows read
  std::uint64_t certificates = 0;  // index rows compared
  std::vector<std::string> problems;
};

// Store is one engine's implementation of everything above over the same data.
class Store {
 public:
  virtual ~Store() = default;
  virtual StateReader& state() = 0;
  virtual LogReader& log() = 0;
  virtual CertificateIndex& index() = 0;
  virtual Committer& committer() = 0;
  virtual DerivedFiles& files() = 0;
  // rebuild_index drops the derived index and makes it again from the log.
  [[nodiscard]] virtual Result<void> rebuild_index() = 0;
  // check reads the whole log and compares the index with it.
  [[nodiscard]] virtual Result<CheckReport> check() = 0;
};

}  // namespace chancery::record
