// status_bench measures certificate status on a store on disk, without HTTP:
//   status_bench [certificates]
//     OCSP answers, live and given again; single revocations; the revocation of all in one job;
//     CRLs of all of them, and a delta CRL of 1,000 entries.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "ca/mass_revocation.h"
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

 private:
  StatusBed bed_;
  std::vector<Bytes> serials_;
};

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
  if (count < 20'000) {
    std::fprintf(stderr, "usage: status_bench [certificates, 20000 at least]\n");
    return 2;
  }
  chancery::bench::measure(count);
  return 0;
}
