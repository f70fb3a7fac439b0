// What one operation costs as the store grows, on a store on disk, without HTTP:
//   growth_bench run SIZE...          fills one store to each size in turn (in ascending order) and
//                                     measures there; then how many clients at once change it
//   growth_bench fill DIRECTORY SIZE  makes a store of that many certificates, to be kept
//   growth_bench point DIRECTORY      each operation a few times, for tests/compare/growth_test.py,
//                                     which counts the instructions of the point_... functions
// Lines are tab-separated: certificates, clients, operation, CPU microseconds for one (without the
// indexer's). bench/plot_growth.py draws them.
//
// The filler writes what issuances write (event, certificate, index row), but changes one signed
// certificate's serial number and name in place of signing each.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <set>
#include <thread>

#include "cpu_time.h"
#include "issuing_bed.h"
#include "x509/ocsp.h"
#include "x509/unsigned_certificate.h"

namespace chancery::bench {
namespace {

constexpr crypto::KeyType kKey{crypto::KeyAlgorithm::kEcdsaP256, 0};
constexpr std::size_t kSet = 1000;       // certificates in one write set of the filler
constexpr std::size_t kRound = 2048;     // operations measured
constexpr std::size_t kMaxLag = 20'000;  // certificates that the indexer may be behind

// places finds every start of `wanted` in `all`.
std::vector<std::size_t> places(BytesView all, BytesView wanted) {
  std::vector<std::size_t> found;
  auto from = all.begin();
  while (true) {
    const auto match = std::search(from, all.end(), wanted.begin(), wanted.end());
    if (match == all.end()) return found;
    found.push_back(static_cast<std::size_t>(match - all.begin()));
    from = match + 1;
  }
}

void overwrite(Bytes& all, const std::vector<std::size_t>& at, BytesView with) {
  for (const std::size_t place : at)
    std::ranges::copy(with, all.begin() + static_cast<std::ptrdiff_t>(place));
}

// The name in a filler's certificate.
std::string name_of(BytesView serial) { return "host-" + hex(serial.last(6)) + ".example.test"; }

// Filler writes certificates by the thousand.
class Filler {
 public:
  explicit Filler(Bed& bed) : bed_(bed) {
    const auto request = make_requests(kKey, 1, kHost).front();
    auto staged = bed.enrol(request);
    const record::LogEntry& entry = staged.writes().entries.front();
    event_ = need(record::decode(entry.event), "event");
    certificate_ = entry.certificate;
    const auto parsed = need(x509::Certificate::parse(BytesView(certificate_)), "certificate");
    not_after_ = parsed.not_after();
    serial_size_ = parsed.serial().size();
    serials_ = places(certificate_, parsed.serial());
    names_ = places(certificate_, as_bytes(kHost));
    if (serials_.size() != 1 || names_.size() != 2) need(fail(Code::kInternal, "places"), "filler");
  }

  void fill(std::size_t count) {
    auto& store = bed_.node().store();
    for (std::size_t done = 0; done < count;) {
      record::WriteSet writes;
      for (std::size_t i = 0; i < kSet && done < count; ++i, ++done) add(writes);
      need(store.committer().submit(std::move(writes)).wait(OnLane::outside_server()), "commit");
      while (store.health().index_lag > kMaxLag)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

 private:
  static constexpr std::string_view kHost = "host-000000000000.example.test";

  void add(record::WriteSet& writes) {
    const Bytes serial = ca::make_serial(1, not_after_, random_);
    if (serial.size() != serial_size_) need(fail(Code::kInternal, "serial size"), "filler");
    overwrite(certificate_, serials_, serial);
    overwrite(certificate_, names_, as_bytes(name_of(serial)));
    event_.subject = hex(serial);
    event_.certificate = crypto::sha256(certificate_);
    writes.append(event_, certificate_);
  }

  Bed& bed_;
  crypto::SystemRandom random_;
  record::Event event_;
  Bytes certificate_;
  TimePoint not_after_;
  std::size_t serial_size_ = 0;
  std::vector<std::size_t> serials_;
  std::vector<std::size_t> names_;
};

// settle waits until the index covers the log.
void settle(Bed& bed) {
  while (bed.node().store().health().index_missing > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

// sample takes serial numbers of certificates that are not revoked from all over the store, each
// once; the store has to have a few times as many.
std::vector<Bytes> sample(Bed& bed, std::size_t count) {
  crypto::SystemRandom random;
  const auto& index = bed.node().store().index();
  const Bytes first = need(index.list_serials(server::pki_scope(), {}, 1), "serials").at(0);
  std::set<Bytes> serials;
  while (serials.size() < count) {
    Bytes after = first;
    // What is random of a serial number begins after the cell and the month.
    random.fill(std::span(after).subspan(3));
    const auto next = need(index.list_serials(server::pki_scope(), after, 1), "serials");
    if (next.empty()) continue;
    const auto stored = need(bed.node().ca().find(server::pki_scope(), next.front()), "find");
    // Not those that bed.issue made: their names stand in many certificates.
    if (!stored.revocation && places(stored.der, as_bytes(name_of(next.front()))).size() == 2)
      serials.insert(next.front());
  }
  std::vector<Bytes> shuffled(serials.begin(), serials.end());
  std::ranges::shuffle(shuffled, std::minstd_rand(1));
  return shuffled;
}

}  // namespace

// Points are the operations on one certificate.
class Points {
 public:
  explicit Points(Bed& bed)
      : bed_(bed),
        authority_(need(bed.node().ca().authority(server::pki_scope(), "default"), "authority")) {}

  void read(BytesView serial) {
    (void)need(bed_.node().ca().find(server::pki_scope(), serial), "find");
  }
  void search(BytesView serial) {
    record::CertificateQuery query;
    query.name = name_of(serial);
    if (need(bed_.node().store().index().search(query, {}, 10), "search").rows.size() != 1)
      need(fail(Code::kInternal, "not one certificate of that name"), "search");
  }
  void ocsp(BytesView serial) {
    const Bytes id =
        x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, authority_->certificate().subject(),
                             authority_->public_key(), serial);
    const Bytes nonce(16, 0x5a);
    const auto answer = bed_.node().ca().ocsp(server::pki_scope(),
                                              x509::encode_ocsp_request(std::span(&id, 1), nonce));
    if (answer.status != x509::OcspStatus::kSuccessful) need(fail(Code::kInternal, "no"), "ocsp");
  }
  [[nodiscard]] auto stage_revocation(BytesView serial) {
    return need(
        bed_.node().ca().revoke(bed_.grant(), serial, x509::ReasonCode::kSuperseded, "bench"),
        "revoke");
  }
  void revoke(std::span<const Bytes> serials) {
    std::vector<Ticket> tickets;
    auto& committer = bed_.node().store().committer();
    for (std::size_t i = 0; i < serials.size(); ++i) {
      if (i % kClients == 0) committer.reactor_busy();
      tickets.push_back(stage_revocation(serials[i]).submit(committer));
      if (tickets.size() < kClients && i + 1 < serials.size()) continue;
      committer.reactor_idle();
      for (Ticket& ticket : tickets) need(ticket.wait(OnLane::outside_server()), "commit");
      tickets.clear();
    }
  }

 private:
  Bed& bed_;
  std::shared_ptr<const ca::Authority> authority_;
};

namespace {

// cpu_us is what all threads but the indexer's spend on `work`, for each of `count`.
template <class Work>
double cpu_us(std::size_t count, Work&& work) {
  const auto before = process_cpu_ns(0);
  work();
  double ns = 0;
  for (const auto& [name, now] : process_cpu_ns(0)) {
    if (name == "store-index") continue;
    const auto it = before.find(name);
    ns += static_cast<double>(now - (it == before.end() ? 0 : it->second));
  }
  return ns / 1e3 / static_cast<double>(count);
}

void tell(std::size_t size, unsigned clients, const char* operation, double us) {
  std::printf("%zu\t%u\t%s\t%.2f\n", size, clients, operation, us);
  std::fflush(stdout);
}

void measure(Bed& bed, std::size_t size, const std::vector<Request>& requests) {
  bed.close();
  const auto began = std::chrono::steady_clock::now();
  tell(size, 0, "open", cpu_us(1, [&] { bed.open(); }));
  tell(size, 0, "open_elapsed",
       std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count());
  tell(size, 0, "resident_kB", static_cast<double>(resident_kb(0)));
  settle(bed);
  Points points(bed);
  const auto serials = sample(bed, kRound);
  const auto each = [&](auto&& one) {
    for (const Bytes& serial : serials) one(serial);
  };
  for (const bool counts : {false, true}) {  // the first time warms the caches
    const double read = cpu_us(kRound, [&] { each([&](BytesView s) { points.read(s); }); });
    const double search = cpu_us(kRound, [&] { each([&](BytesView s) { points.search(s); }); });
    const double ocsp = cpu_us(kRound, [&] { each([&](BytesView s) { points.ocsp(s); }); });
    const double sign = cpu_us(kRound, [&] { bed.issue(requests, 0, kRound); });
    if (!counts) continue;
    tell(size, kClients, "sign", sign);
    tell(size, kClients, "read", read);
    tell(size, kClients, "search", search);
    tell(size, kClients, "ocsp", ocsp);
  }
  tell(size, kClients, "revoke", cpu_us(kRound, [&] { points.revoke(serials); }));
}

int run(std::span<char*> arguments) {
  Bed bed(kKey);
  const auto requests = make_requests(kKey, kRound);
  Filler filler(bed);
  std::size_t size = 0;
  for (const char* argument : arguments) {
    const std::size_t wanted = std::strtoull(argument, nullptr, 10);
    if (wanted < 5 * kRound || wanted <= size) {
      std::fprintf(stderr, "sizes ascend, from %zu on\n", 5 * kRound);
      return 2;
    }
    const double us = cpu_us(wanted - size, [&] { filler.fill(wanted - size); });
    tell(wanted, 1, "fill", us);
    size = wanted;
    measure(bed, size, requests);
  }
  for (const unsigned clients : {1U, 4U, 16U, 64U, 256U}) {
    tell(size, clients, "sign_clients",
         cpu_us(kRound, [&] { bed.issue(requests, 0, kRound, clients); }));
  }
  return 0;
}

}  // namespace

// Counted by their names.
extern "C" [[gnu::noinline]] void point_read(Points& points, BytesView serial) {
  points.read(serial);
}
extern "C" [[gnu::noinline]] void point_search(Points& points, BytesView serial) {
  points.search(serial);
}
extern "C" [[gnu::noinline]] void point_ocsp(Points& points, BytesView serial) {
  points.ocsp(serial);
}
extern "C" [[gnu::noinline]] void point_revoke(Points& points, BytesView serial) {
  (void)points.stage_revocation(serial);
}
extern "C" [[gnu::noinline]] void point_sign(Bed& bed, const Request& request) {
  (void)bed.enrol(request);
}

namespace {

int point(const std::string& directory) {
  constexpr std::size_t kCounted = 64;
  Bed bed(kKey, directory);
  settle(bed);
  Points points(bed);
  const auto requests = make_requests(kKey, kCounted);
  const auto serials = sample(bed, kCounted);
  for (std::size_t i = 0; i < kCounted; ++i) {
    point_read(points, serials[i]);
    point_search(points, serials[i]);
    point_ocsp(points, serials[i]);
    point_revoke(points, serials[i]);
    point_sign(bed, requests[i]);
  }
  std::printf("%zu\n", kCounted);
  return 0;
}

}  // namespace
}  // namespace chancery::bench

int main(int argc, char** argv) {
  using namespace chancery::bench;
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (argc > 2 && std::strcmp(argv[1], "run") == 0) return run(arguments.subspan(2));
  if (argc == 3 && std::strcmp(argv[1], "point") == 0) return point(argv[2]);
  if (argc == 4 && std::strcmp(argv[1], "fill") == 0) {
    Bed bed(kKey, argv[2]);
    Filler(bed).fill(std::strtoull(argv[3], nullptr, 10));
    return 0;
  }
  std::fprintf(stderr, "usage: growth_bench run SIZE... | fill DIRECTORY SIZE | point DIRECTORY\n");
  return 2;
}
