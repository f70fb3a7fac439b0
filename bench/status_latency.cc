#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "os/file.h"
#include "server/status_upkeep.h"
#include "server/upkeep.h"
#include "status_bed.h"
#include "x509/crl.h"
#include "x509/ocsp.h"

// status_latency revokes at a steady pace while certificates are issued and asked for, and tells
// how long it takes until OCSP and the CRL in a file say so:
//   status_latency [seconds [revocations a second [revoked before]]]
// The load is an open loop: everything has its time, and each time counts from then, so that a
// stall counts for all that had to wait for it.
namespace chancery::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr unsigned kIssuancesPerSecond = 500;
constexpr unsigned kAnswersPerSecond = 2000;
constexpr std::chrono::milliseconds kPublishing{1000};  // as the server's
constexpr std::chrono::milliseconds kLook{10};
constexpr std::size_t kMostCrl = std::size_t{1} << 30;

// pace calls `work(i)` at its time, `per_second` times a second until `end`.
template <class Work>
void pace(unsigned per_second, SteadyClock::time_point end, Work work) {
  const auto begin = SteadyClock::now();
  const std::chrono::duration<double> step(1.0 / per_second);
  for (std::size_t i = 0;; ++i) {
    const auto at =
        begin + std::chrono::duration_cast<SteadyClock::duration>(static_cast<double>(i) * step);
    if (at >= end) return;
    std::this_thread::sleep_until(at);
    work(i, at);
  }
}

void tell(const char* what, std::vector<double> seconds) {
  if (seconds.empty()) return;
  std::ranges::sort(seconds);
  const auto at = [&](double part) {
    return 1e3 * seconds[static_cast<std::size_t>(part * static_cast<double>(seconds.size() - 1))];
  };
  std::printf("  %-28s %6zu   p50 %8.1f ms   p99 %8.1f ms   most %8.1f ms\n", what, seconds.size(),
              at(0.5), at(0.99), at(1.0));
}

class Latency {
 public:
  Latency(unsigned seconds, unsigned per_second, std::size_t before)
      : seconds_(seconds), per_second_(per_second) {
    serials_ = bed_.issue(std::size_t{seconds} * per_second + 1, SIZE_MAX);
    std::vector<Ticket> tickets;
    for (const Bytes& serial : bed_.issue(before, SIZE_MAX)) {
      tickets.push_back(bed_.revoke(serial));
      if (tickets.size() == kClients) bed_.wait(tickets);
    }
    bed_.wait(tickets);
  }

  void run() {
    server::StatusUpkeep status(
        bed_.service(), [&] { return std::vector{bed_.scope()}; }, crls_.path(), bed_.clock(),
        bed_.log());
    server::Upkeep publishing(kPublishing);
    publishing.add([&] { status.tend(OnLane::outside_server()); });
    publishing.start();
    publishing.poke();
    const auto end = SteadyClock::now() + std::chrono::seconds(seconds_);
    std::vector<std::thread> threads;
    threads.emplace_back([&] { issue(end); });
    threads.emplace_back([&] { answer(end); });
    threads.emplace_back([&] { watch(); });
    revoke_all(end);
    while (!all_listed()) std::this_thread::sleep_for(kLook);
    over_.store(true);
    for (std::thread& thread : threads) thread.join();
    publishing.stop();
    tell("until OCSP says revoked", ocsp_);
    tell("until the CRL's file lists it", listed_);
  }

 private:
  using Moment = SteadyClock::time_point;

  static double since(Moment at) {
    return std::chrono::duration<double>(SteadyClock::now() - at).count();
  }

  void revoke_all(Moment end) {
    pace(per_second_, end, [&](std::size_t i, Moment at) {
      const Bytes& serial = serials_.at(i);
      need(bed_.revoke(serial).wait(bed_.outside()), "commit");
      const auto answer = bed_.service().ocsp(bed_.scope(), bed_.ocsp_request(serial, {}));
      const auto response = need(x509::OcspResponse::parse(*answer.der), "answer");
      if (response.entries.at(0).status != x509::CertStatus::kRevoked) std::abort();
      ocsp_.push_back(since(at));
      const std::scoped_lock lock(mutex_);
      waiting_.emplace(serial, at);
    });
  }

  void issue(Moment end) {
    std::vector<Ticket> tickets;
    pace(kIssuancesPerSecond, end, [&](std::size_t, Moment) {
      tickets.push_back(bed_.stage().submit(bed_.committer()));
      if (tickets.size() == kClients) bed_.wait(tickets);
    });
    bed_.wait(tickets);
  }

  void answer(Moment end) {
    const Bytes nonce(16, 7);
    pace(kAnswersPerSecond, end, [&](std::size_t i, Moment) {
      const Bytes& serial = serials_[i % serials_.size()];
      const auto answer = bed_.service().ocsp(bed_.scope(), bed_.ocsp_request(serial, nonce));
      if (answer.status != x509::OcspStatus::kSuccessful) std::abort();
    });
  }

  // watch reads the file whenever it is another one.
  void watch() {
    const std::string path = crls_.path() + "/" + bed_.authority()->id() + "/full.crl";
    ino_t last = 0;
    for (; !over_.load(); std::this_thread::sleep_for(kLook)) {
      struct stat info{};
      if (::stat(path.c_str(), &info) != 0 || info.st_ino == last) continue;
      last = info.st_ino;
      const auto list =
          need(x509::CertificateList::parse(need(os::read_file(path, kMostCrl), "file")), "CRL");
      const std::scoped_lock lock(mutex_);
      for (const x509::CrlEntry& entry : list.entries()) {
        const auto it = waiting_.find(to_bytes(entry.serial));
        if (it == waiting_.end()) continue;
        listed_.push_back(since(it->second));
        waiting_.erase(it);
      }
    }
  }

  bool all_listed() {
    const std::scoped_lock lock(mutex_);
    return waiting_.empty();
  }

  const unsigned seconds_;
  const unsigned per_second_;
  const TemporaryDirectory crls_;
  StatusBed bed_;
  std::vector<Bytes> serials_;
  std::vector<double> ocsp_;
  std::atomic<bool> over_{false};
  std::mutex mutex_;                 // guards the rest
  std::map<Bytes, Moment> waiting_;  // for the CRL
  std::vector<double> listed_;
};

}  // namespace
}  // namespace chancery::bench

int main(int argc, char** argv) {
  const auto number = [&](int at, unsigned long otherwise) {
    return argc > at ? std::strtoul(argv[at], nullptr, 10) : otherwise;
  };
  const auto seconds = static_cast<unsigned>(number(1, 30));
  const auto per_second = static_cast<unsigned>(number(2, 20));
  const std::size_t before = number(3, 10'000);
  if (seconds == 0 || per_second == 0) {
    std::fprintf(stderr,
                 "usage: status_latency [seconds [revocations a second [revoked before]]]\n");
    return 2;
  }
  std::printf(
      "%u revocations a second for %u s, beside %u issuances and %u OCSP answers; %zu "
      "revoked before\n",
      per_second, seconds, chancery::bench::kIssuancesPerSecond, chancery::bench::kAnswersPerSecond,
      before);
  std::fflush(stdout);
  chancery::bench::Latency(seconds, per_second, before).run();
  return 0;
}
