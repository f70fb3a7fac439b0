// status_bench measures certificate status on a store on disk, without HTTP:
//   status_bench [certificates]
// OCSP answers, live and given again; single revocations; the revocation of all in one job; CRLs of
// all of them, and a delta CRL of 1,000 entries.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "access/principal.h"
#include "base/log.h"
#include "ca/mass_revocation.h"
#include "ca/service.h"
#include "crypto/private_key.h"
#include "crypto/system_random.h"
#include "keys/software/seal.h"
#include "keys/software/software_key_store.h"
#include "policy/evaluate.h"
#include "storage/sqlite/sqlite_store.h"
#include "x509/ocsp.h"
#include "x509/oids.h"

namespace {

using namespace chancery;

constexpr std::size_t kBatch = 64;
constexpr std::size_t kDelta = 1000;

// must ends the program where a step fails: there is nothing to measure then.
template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "status_bench: %s\n", result.error().to_string().c_str());
  std::exit(1);
}
void must(const Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "status_bench: %s\n", result.error().to_string().c_str());
  std::exit(1);
}

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

void tell(const char* what, std::size_t count, double seconds) {
  std::printf("%-44s %9zu in %8.3f s  %12.0f/s  %9.2f us each\n", what, count, seconds,
              static_cast<double>(count) / seconds, seconds * 1e6 / static_cast<double>(count));
  std::fflush(stdout);
}

class Bench {
 public:
  Bench() {
    if (::mkdtemp(directory_.data()) == nullptr) std::abort();
    const std::string keys = directory_ + "/keys";
    const std::string store = directory_ + "/store";
    std::filesystem::create_directories(keys);
    std::filesystem::create_directories(store);
    must(keys::create_file_seal(keys, random_));
    keys_ = std::make_unique<keys::SoftwareKeyStore>(keys, must(keys::unseal(keys, {})), random_);
    store_ = must(storage::sqlite::open(store, {}, log_));
    service_ = std::make_unique<ca::Service>(
        ca::Dependencies{*store_, *keys_, clock_, random_, log_, nullptr, {}});
    make_root();
  }
  ~Bench() {
    service_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void issue(std::size_t count) {
    const Stopwatch time;
    std::vector<Ticket> tickets;
    for (std::size_t i = 0; i < count; ++i) {
      auto staged = must(service_->issue(authorize(), authority_, "bench"));
      if (serials_.size() < 10 * kDelta) serials_.push_back(serial_of(staged));
      tickets.push_back(staged.submit(store_->committer()));
      if (tickets.size() == kBatch) wait(tickets);
    }
    wait(tickets);
    tell("issue (to have something to revoke)", count, time.seconds());
  }

  void ocsp(const char* what, std::size_t count, bool nonce) {
    const Bytes octets{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    std::vector<Bytes> requests;
    for (std::size_t i = 0; i < 100; ++i) {
      const Bytes id =
          x509::encode_cert_id(crypto::DigestAlgorithm::kSha1, authority_->certificate().subject(),
                               authority_->public_key(), serials_.at(i));
      requests.push_back(
          x509::encode_ocsp_request(std::span(&id, 1), nonce ? BytesView(octets) : BytesView{}));
    }
    for (const Bytes& request : requests) static_cast<void>(service_->ocsp(scope_, request));
    const Stopwatch time;
    for (std::size_t i = 0; i < count; ++i) {
      const auto answer = service_->ocsp(scope_, requests[i % requests.size()]);
      if (answer.status != x509::OcspStatus::kSuccessful) std::abort();
    }
    tell(what, count, time.seconds());
  }

  void revoke(const char* what, std::size_t count) {
    const Stopwatch time;
    std::vector<Ticket> tickets;
    for (std::size_t i = 0; i < count; ++i) {
      auto staged =
          must(service_->revoke(grant(), serials_.back(), x509::ReasonCode::kSuperseded, "bench"));
      serials_.pop_back();
      tickets.push_back(staged.submit(store_->committer()));
      if (tickets.size() == kBatch) wait(tickets);
    }
    wait(tickets);
    tell(what, count, time.seconds());
  }

  void crl(const char* what, ca::CrlName name) {
    const Stopwatch time;
    const auto crl = must(service_->published_crl(authority_, name, &outside_));
    const double seconds = time.seconds();
    std::printf("%-44s %9zu entries, %zu bytes in %.1f ms\n", what,
                static_cast<std::size_t>(crl->count), crl->der->size(), seconds * 1e3);
  }

  void deltas() {
    ca::StatusSettings settings = must(service_->status_settings().find(scope_));
    settings.auto_rebuild = settings.delta_enabled = true;
    settings.delta_interval = must(ca::parse_span("1s"));
    auto staged = must(service_->status_settings().put(grant(), settings, "bench"));
    static_cast<void>(must(staged.submit(store_->committer()).wait(outside_)));
  }

  void revoke_all() {
    ca::MassWish wish;
    wish.everything = true;
    wish.revocation = x509::ReasonCode::kCaCompromise;
    const Stopwatch time;
    auto staged = must(service_->mass_revocation().start(grant(), wish, "bench"));
    const Receipt receipt = must(staged.submit(store_->committer()).wait(outside_));
    service_->mass_revocation().wait();
    const auto job = must(service_->mass_revocation().find(scope_, staged.release(receipt).id));
    tell("revoke all in one job, durable", job.revoked, time.seconds());
  }

 private:
  static void wait(std::vector<Ticket>& tickets) {
    for (Ticket& ticket : tickets) static_cast<void>(must(ticket.wait(OnLane::outside_server())));
    tickets.clear();
  }

  [[nodiscard]] access::Grant grant() const { return access::local_operator(scope_); }

  // The serial is in the write set already: nobody waits for a single commit here.
  static Bytes serial_of(ca::Staged<ca::Issued>& staged) {
    for (const record::LogEntry& entry : staged.writes().entries) {
      if (entry.certificate.empty()) continue;
      const auto certificate = must(x509::Certificate::parse(BytesView(entry.certificate)));
      return to_bytes(certificate.serial());
    }
    std::abort();
  }

  policy::Authorization authorize() {
    policy::Role role;
    role.name = "web";
    role.allow_any_name = true;
    role.key_type = policy::RoleKeyType::kAny;
    policy::IssueRequest request;
    request.common_name = "www.example.test";
    request.ttl = seconds{86'400};
    request.generated_key = leaf_.public_key();
    auto decision =
        must(policy::evaluate(grant(), role, request, authority_->facts({}), clock_.now()));
    return std::move(decision.authorization);
  }

  void make_root() {
    const auto signer = must(keys_->generate({crypto::KeyAlgorithm::kEcdsaP256, 0}));
    x509::NameBuilder name;
    must(name.add(x509::oids::kCommonName, "Bench Root"));
    policy::CaRequest request{
        "root-ca", name.build(), signer->public_key(), seconds{3650LL * 86'400}, {}, {}};
    auto authorization = must(policy::authorize_ca(grant(), request, nullptr, clock_.now()));
    ca::AuthorityRecord record;
    record.id = "11111111-1111-4111-8111-111111111111";
    record.name = "root";
    auto staged = must(service_->create_root(std::move(authorization), signer, record));
    static_cast<void>(must(staged.submit(store_->committer()).wait(outside_)));
    authority_ = must(service_->authority(scope_, "default"));
  }

  const record::Scope scope_{"root", "pki/"};
  const OnLane outside_ = OnLane::outside_server();
  std::string directory_ = "./status-bench-XXXXXX";
  SystemClock clock_;
  crypto::SystemRandom random_;
  NullLog log_;
  crypto::PrivateKey leaf_ =
      must(crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}));
  std::unique_ptr<keys::SoftwareKeyStore> keys_;
  std::unique_ptr<storage::ManagedStore> store_;
  std::unique_ptr<ca::Service> service_;
  std::shared_ptr<const ca::Authority> authority_;
  std::vector<Bytes> serials_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  if (count < 20 * kDelta) {
    std::fprintf(stderr, "usage: status_bench [certificates, 20000 at least]\n");
    return 2;
  }
  Bench bench;
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
  return 0;
}
