#pragma once

// A PKI of one authority in this process, without the server: what the benchmarks of certificate
// status share.

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "access/principal.h"
#include "base/log.h"
#include "bed_tools.h"
#include "ca/service.h"
#include "crypto/private_key.h"
#include "crypto/system_random.h"
#include "keys/software/software_key_store.h"
#include "storage/managed_store.h"

namespace chancery::bench {

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

// StatusBed issues certificates for one key without a request, since only their status matters.
class StatusBed {
 public:
  StatusBed();

  // issue makes certificates, 64 in flight, and returns the serial numbers of the first `keep`.
  std::vector<Bytes> issue(std::size_t count, std::size_t keep);
  // stage is one of them up to its commit.
  [[nodiscard]] ca::Staged<ca::Issued> stage();
  // revoke queues a revocation.
  [[nodiscard]] Ticket revoke(BytesView serial);
  // ocsp_request asks about a certificate; no nonce where it is empty.
  [[nodiscard]] Bytes ocsp_request(BytesView serial, BytesView nonce) const;
  void configure(const ca::StatusSettings& settings);
  // commit waits until something staged is durable and gives what it holds.
  template <class T>
  T commit(Result<ca::Staged<T>> staged, const char* what) {
    auto ready = need(std::move(staged), what);
    const Receipt receipt = need(ready.submit(store_->committer()).wait(outside_), what);
    return ready.release(receipt);
  }
  void wait(std::vector<Ticket>& tickets);

  [[nodiscard]] access::Grant grant() const { return access::local_operator(scope_); }
  [[nodiscard]] const record::Scope& scope() const { return scope_; }
  [[nodiscard]] ca::Service& service() { return *service_; }
  [[nodiscard]] record::Committer& committer() { return store_->committer(); }
  [[nodiscard]] const std::shared_ptr<const ca::Authority>& authority() const { return authority_; }
  [[nodiscard]] const OnLane& outside() const { return outside_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] Log& log() { return log_; }

 private:
  const TemporaryDirectory directory_;
  const record::Scope scope_{"root", "pki/"};
  const OnLane outside_ = OnLane::outside_server();
  SystemClock clock_;
  crypto::SystemRandom random_;
  NullLog log_;
  crypto::PrivateKey leaf_;
  std::unique_ptr<keys::SoftwareKeyStore> keys_;
  std::unique_ptr<storage::ManagedStore> store_;
  std::unique_ptr<ca::Service> service_;
  std::shared_ptr<const ca::Authority> authority_;
};

// serial_of reads the serial number out of the write set: nobody waits for single commits here.
[[nodiscard]] Bytes serial_of(ca::Staged<ca::Issued>& staged);

}  // namespace chancery::bench
