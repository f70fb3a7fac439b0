#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ca/crl_watch.h"

namespace chancery::server {

// StatusUpkeep keeps certificate status true from the outside: it has CRLs and responders tended,
// writes CRLs into a directory for a web server, and asks the URLs that certificates name. What it
// finds is told in the metrics. `tend` and `ask` are for two threads; `metrics` for any.
class StatusUpkeep {
 public:
  using Scopes = std::function<std::vector<record::Scope>()>;
  // `directory`: empty: none.
  StatusUpkeep(ca::Service& ca, Scopes scopes, std::string directory, const Clock& clock, Log& log)
      : ca_(ca),
        scopes_(std::move(scopes)),
        directory_(std::move(directory)),
        clock_(clock),
        log_(log) {}

  // tend publishes what is due and writes what is new. Every second or so.
  void tend(const OnLane& on_lane);
  // ask fetches every URL of every authority that is new or was not asked for some minutes; blocks
  // for as long as they take.
  void ask(const OnLane& on_lane);
  // stop has `ask` end after the URL that it waits for.
  void stop() { stopping_.store(true); }
  // metrics in the Prometheus text format.
  [[nodiscard]] std::string metrics() const;

 private:
  // What certificates name, and what came of asking.
  struct Url {
    std::string issuer;
    std::string url;
    bool answers = false;
    TimePoint asked;
  };
  // The last answer of a URL, if it is recent; else that it has to be asked.
  [[nodiscard]] std::optional<Url> known(const std::string& issuer, const std::string& url) const;
  template <class Ask>
  void ask_one(std::vector<Url>& urls, const std::string& issuer, const std::string& url, Ask ask);
  void write_files(const std::vector<ca::CrlReport>& reports);
  [[nodiscard]] Result<void> write_file(const ca::CrlReport& report);

  ca::Service& ca_;
  const Scopes scopes_;
  const std::string directory_;
  const Clock& clock_;
  Log& log_;
  std::map<std::string, std::shared_ptr<const ca::PublishedCrl>> written_;  // of `tend` alone
  bool failing_ = false;                                                    // of `tend` alone
  unsigned turn_ = 0;                                                       // of `tend` alone
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;  // guards the rest
  std::vector<ca::CrlReport> crls_;
  std::vector<ca::ResponderReport> responders_;
  std::vector<Url> urls_;
};

}  // namespace chancery::server
