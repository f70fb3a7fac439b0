#include "http/access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/thread_name.h"
#include "base/time.h"
#include "http/metrics_names.h"
#include "net/fd.h"

namespace chancery::http {

namespace {

// What may wait for the writer; about 4,000 lines.
constexpr std::size_t kMaxWaitingBytes = 1024 * 1024;
constexpr std::size_t kMaxWaitingEntries = 4096;
// Lines are written together, at the latest after this time.
constexpr std::chrono::milliseconds kGathering{50};
constexpr std::size_t kMaxMethod = 32;

std::string time_of(const AccessEntry& entry) {
  const auto since = entry.time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(since - whole).count();
  std::string text = rfc3339(from_unix(whole.count()));
  text.back() = '.';
  return text + std::to_string(1000 + rest).substr(1) + "Z";
}

void append_text(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  out += ",\"";
  out += key;
  out += "\":\"";
  for (const char c : printable(value)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append_number(std::string& out, std::string_view key, std::uint64_t value) {
  out += ",\"";
  out += key;
  out += "\":";
  out += std::to_string(value);
}

void append_line(std::string& out, const AccessEntry& entry) {
  out += "{\"time\":\"" + time_of(entry) + '"';
  append_text(out, "request_id", entry.request_id);
  append_text(out, "peer", entry.peer);
  append_text(out, "tls", entry.tls_version);
  append_text(out, "client", entry.client);
  append_text(out, "protocol", entry.protocol);
  append_text(out, "method", entry.method.substr(0, kMaxMethod));
  append_text(out, "route", entry.route);
  append_text(out, "principal", entry.principal);
  append_number(out, "status", entry.status);
  append_number(out, "bytes", entry.bytes);
  append_number(out, "us", entry.microseconds);
  out += entry.complete ? "}\n" : ",\"complete\":false}\n";
}

// FileSink keeps lines ready to be written.
class FileSink {
 public:
  using Batch = std::string;
  FileSink(std::string path, net::UniqueFd fd, Log& log)
      : path_(std::move(path)), fd_(std::move(fd)), log_(log) {}

  [[nodiscard]] static net::UniqueFd open(const std::string& path) {
    return net::UniqueFd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640));
  }
  [[nodiscard]] static bool add(Batch& batch, const AccessEntry& entry) {
    if (batch.size() >= kMaxWaitingBytes) return false;
    append_line(batch, entry);
    return true;
  }
  // Returns how many lines were lost.
  [[nodiscard]] std::uint64_t write(const Batch& batch) {
    std::string_view rest = batch;
    while (!rest.empty()) {
      const ssize_t n = ::write(fd_.get(), rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        complain("cannot write the access log");
        return static_cast<std::uint64_t>(std::ranges::count(rest, '\n'));
      }
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
    complained_ = false;
    return 0;
  }
  // Goes on with the old file when the new one cannot be opened.
  void reopen() {
    net::UniqueFd fresh = open(path_);
    if (!fresh) return complain("cannot open the access log again");
    fd_ = std::move(fresh);
  }

 private:
  // Once, not for every batch.
  void complain(std::string_view what) {
    const int error_number = errno;
    if (std::exchange(complained_, true)) return;
    log_.error(what, {{"file", path_}, {"reason", std::strerror(error_number)}});
  }

  const std::string path_;
  net::UniqueFd fd_;
  Log& log_;
  bool complained_ = false;
};

// LogSink keeps entries, because the log has a form of its own.
class LogSink {
 public:
  struct Entry {
    AccessEntry plain;  // its views are not used
    std::string request_id, peer, client, method, principal, route, tls_version, protocol;
  };
  using Batch = std::vector<Entry>;
  explicit LogSink(Log& log) : log_(log) {}

  [[nodiscard]] static bool add(Batch& batch, const AccessEntry& entry) {
    if (batch.size() >= kMaxWaitingEntries) return false;
    batch.push_back({entry, std::string(entry.request_id), std::string(entry.peer),
                     std::string(entry.client), printable(entry.method, kMaxMethod),
                     printable(entry.principal), std::string(entry.route),
                     std::string(entry.tls_version), std::string(entry.protocol)});
    return true;
  }
  [[nodiscard]] std::uint64_t write(const Batch& batch) {
    for (const Entry& entry : batch) {
      log_.info("request", {{"at", time_of(entry.plain)},
                            {"request_id", entry.request_id},
                            {"peer", entry.peer},
                            {"tls", entry.tls_version},
                            {"client", entry.client},
                            {"protocol", entry.protocol},
                            {"method", entry.method},
                            {"route", entry.route},
                            {"principal", entry.principal},
                            {"status", entry.plain.status},
                            {"bytes", entry.plain.bytes},
                            {"us", entry.plain.microseconds},
                            {"complete", entry.plain.complete}});
    }
    return 0;
  }
  void reopen() {}

 private:
  Log& log_;
};

// QueuedLog gathers entries and gives them to its sink from a thread of its own.
template <class Sink>
class QueuedLog final : public AccessLog {
 public:
  QueuedLog(Sink sink, Metrics& metrics)
      : sink_(std::move(sink)),
        dropped_(metrics.counter(metric::kAccessLogDropped, "Lines of the access log lost")),
        thread_([this] { work(); }) {}
  ~QueuedLog() override {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  QueuedLog(const QueuedLog&) = delete;
  QueuedLog& operator=(const QueuedLog&) = delete;

  void write(const AccessEntry& entry) override {
    const std::scoped_lock lock(mutex_);
    const bool was_empty = waiting_.empty();
    if (!Sink::add(waiting_, entry)) return dropped_.add();
    if (was_empty) changed_.notify_one();
  }
  void reopen() override {
    const std::scoped_lock lock(mutex_);
    reopens_ = true;
    changed_.notify_one();
  }

 private:
  void work() {
    name_this_thread("access-log");
    typename Sink::Batch batch;
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stopping_ || reopens_ || !waiting_.empty(); });
      changed_.wait_for(lock, kGathering, [&] { return stopping_ || reopens_; });
      batch.swap(waiting_);
      const bool reopens = std::exchange(reopens_, false);
      const bool ends = stopping_;
      lock.unlock();
      dropped_.add(sink_.write(batch));
      batch.clear();
      if (reopens) sink_.reopen();
      if (ends) return;
      lock.lock();
    }
  }

  Sink sink_;
  Counter& dropped_;
  std::mutex mutex_;
  std::condition_variable changed_;
  typename Sink::Batch waiting_;  // guarded by mutex_
  bool reopens_ = false;          // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;            // last: it uses the rest
};

}  // namespace

Result<std::unique_ptr<AccessLog>> open_access_log(const std::string& path, Metrics& metrics,
                                                   Log& log) {
  net::UniqueFd fd = FileSink::open(path);
  if (!fd) {
    return std::unexpected(Error{Code::kUnavailable, "cannot open the access log", {}, {}}
                               .with("file", path)
                               .with("reason", std::strerror(errno)));
  }
  return std::make_unique<QueuedLog<FileSink>>(FileSink(path, std::move(fd), log), metrics);
}

std::unique_ptr<AccessLog> make_access_log(Metrics& metrics, Log& log) {
  return std::make_unique<QueuedLog<LogSink>>(LogSink(log), metrics);
}

}  // namespace chancery::http
