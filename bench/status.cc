// status_bench measures certificate status on a store on disk, without HTTP:
//   status_bench [certificates]
//     OCSP answers, live and given again; single revocations; the revocation of all in one job;
//     CRLs of all of them, and a delta CRL of 1,000 entries.
//   status_bench CERTIFICATES mass
//     Only the revocation of all in one job: the CPU time of each thread, the memory, and how long
//     the commits of another client take beside it.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>

#include "base/thread_name.h"
#include "ca/mass_revocation.h"
#include "cpu_time.h"
#include "status_bed.h"
#include "x509/ocsp.h"

namespace chancery::bench {
namespace {

constexpr std::size_t kDelta = 1000;

void tell(const char* what, std::size_t count, double seconds) {
  std::printf("%-44s %9zu in %8.3f s  %12.0f/s  %9.2f us each\n", what, count, seconds,
              static_cast<double>(count) / seconds, seconds * 1e6 / static_cast<double>(count));
  std::fflush(stdout);
}

// ProcessCpu tells what each thread of this process used since it was made. Threads that have ended
// meanwhile are one line.
class ProcessCpu {
 public:
  void tell(std::size_t count) const {
    std::int64_t living = 0;
    for (const auto& [name, now] : process_cpu_ns(0)) {
      const auto before = before_.find(name);
      const std::int64_t used = now - (before == before_.end() ? 0 : before->second);
      living += used;
      line(name.c_str(), used, count);
    }
    line("ended threads", all() - all_ - living, count);
  }

 private:
  static std::int64_t all() {
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    const auto ns = [](const timeval& time) {
      return (std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec) * 1000;
    };
    return ns(use.ru_utime) + ns(use.ru_stime);
  }
  static void line(const char* name, std::int64_t ns, std::size_t count) {
    if (ns < 10'000'000) return;
    std::printf("  %-42s CPU %8.3f s  %33.2f us each\n", name, static_cast<double>(ns) / 1e9,
                static_cast<double>(ns) / 1e3 / static_cast<double>(count));
  }

  const std::map<std::string, std::int64_t> before_ = process_cpu_ns(0);
  const std::int64_t all_ = all();
};

class StatusBench {
 public:
  void issue(std::size_t count) {
    const Stopwatch time;
    serials_ = bed_.issue(count, 10 * kDelta);
    tell("issue (to have something to revoke)", count, time.seconds());
  }

  void ocsp(const char* what, std::size_t count, bool nonce) {
    const Bytes octets{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    std::vector<Bytes> requests;
    for (std::size_t i = 0; i < 100; ++i)
      requests.push_back(
          bed_.ocsp_request(serials_.at(i), nonce ? BytesView(octets) : BytesView{}));
    for (const Bytes& request : requests)
      static_cast<void>(bed_.service().ocsp(bed_.scope(), request));
    const Stopwatch time;
    for (std::size_t i = 0; i < count; ++i) {
      const auto answer = bed_.service().ocsp(bed_.scope(), requests[i % requests.size()]);
      if (answer.status != x509::OcspStatus::kSuccessful) std::abort();
    }
    tell(what, count, time.seconds());
  }

  void revoke(const char* what, std::size_t count) {
    const Stopwatch time;
    std::vector<Ticket> tickets;
    for (std::size_t i = 0; i < count; ++i) {
      tickets.push_back(bed_.revoke(serials_.back()));
      serials_.pop_back();
      if (tickets.size() == kClients) bed_.wait(tickets);
    }
    bed_.wait(tickets);
    tell(what, count, time.seconds());
  }

  void crl(const char* what, ca::CrlName name) {
    const Stopwatch time;
    const auto crl =
        need(bed_.service().published_crl(bed_.authority(), name, &bed_.outside()), "crl");
    const double seconds = time.seconds();
    std::printf("%-44s %9zu entries, %zu bytes in %.1f ms\n", what,
                static_cast<std::size_t>(crl->count), crl->der.size(), seconds * 1e3);
  }

  void deltas() {
    auto settings = need(bed_.service().status_settings().find(bed_.scope()), "settings");
    settings.auto_rebuild = settings.delta_enabled = true;
    settings.delta_interval = need(ca::parse_span("1s"), "span");
    bed_.configure(settings);
  }

  void revoke_all() {
    ca::MassWish wish;
    wish.everything = true;
    wish.revocation = x509::ReasonCode::kCaCompromise;
    const Stopwatch time;
    ca::MassRevocation& mass = bed_.service().mass_revocation();
    const std::string id = bed_.commit(mass.start(bed_.grant(), wish, "bench"), "start").id;
    mass.wait();
    tell("revoke all in one job, durable", need(mass.find(bed_.scope(), id), "job").revoked,
         time.seconds());
  }

  // revoke_all_beside revokes all while somebody else issues now and then.
  void revoke_all_beside(std::size_t count) {
    const ProcessCpu cpu;
    std::vector<double> waits;
    std::jthread other([&](const std::stop_token& stopping) {
      name_this_thread("other");
      while (!stopping.stop_requested()) {
        ::usleep(50'000);
        auto staged = bed_.stage();
        const Stopwatch time;
        need(staged.submit(bed_.committer()).wait(bed_.outside()), "commit");
        waits.push_back(time.seconds());
      }
    });
    revoke_all();
    other.request_stop();
    other.join();
    cpu.tell(count);
    std::ranges::sort(waits);
    std::printf(
        "commits of another client beside it           %9zu, median %.1f ms, p99 %.1f ms, "
        "longest %.1f ms\n",
        waits.size(), waits[waits.size() / 2] * 1e3, waits[waits.size() * 99 / 100] * 1e3,
        waits.back() * 1e3);
    rusage use{};
    ::getrusage(RUSAGE_SELF, &use);
    std::printf("resident memory                               %9.1f MB, at most %.1f MB\n",
                static_cast<double>(resident_kb(0)) / 1024,
                static_cast<double>(use.ru_maxrss) / 1024);
  }

 private:
  StatusBed bed_;
  std::vector<Bytes> serials_;
};

void measure_mass(std::size_t count) {
  StatusBench bench;
  bench.issue(count);
  std::printf("resident memory                               %9.1f MB\n",
              static_cast<double>(resident_kb(0)) / 1024);
  ::sleep(3);  // the index is written meanwhile
  bench.revoke_all_beside(count);
}

void measure(std::size_t count) {
  StatusBench bench;
  bench.issue(count);
  bench.ocsp("OCSP, signed anew (P-256, nonce)", 20'000, true);
  bench.ocsp("OCSP, given again (100 certificates)", 500'000, false);
  bench.revoke("revoke one by one, 64 in flight", 5 * kDelta);
  bench.crl("complete CRL", ca::CrlKind::kComplete);
  bench.deltas();
  bench.crl("complete CRL, automatic", ca::CrlKind::kComplete);
  bench.crl("delta CRL", ca::CrlKind::kDelta);
  bench.revoke("revoke for the delta CRL", kDelta);
  ::sleep(2);  // the delta in memory is that old before there is a new one
  bench.crl("delta CRL", ca::CrlKind::kDelta);
  bench.revoke_all();
  ::sleep(2);
  bench.crl("delta CRL of all", ca::CrlKind::kDelta);
}

}  // namespace
}  // namespace chancery::bench

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  const bool mass = argc == 3 && std::strcmp(argv[2], "mass") == 0;
  if (count < 20'000 || (argc > 2 && !mass)) {
    std::fprintf(stderr, "usage: status_bench [certificates, 20000 at least] [mass]\n");
    return 2;
  }
  mass ? chancery::bench::measure_mass(count) : chancery::bench::measure(count);
  return 0;
}
