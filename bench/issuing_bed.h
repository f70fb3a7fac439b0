#pragma once

// A PKI of one authority in this process, and requests for it: what the benchmarks of the issuance
// path share.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/principal.h"
#include "base/fakes.h"
#include "bed_tools.h"
#include "crypto/private_key.h"
#include "crypto/system_random.h"
#include "enrol/enrolment.h"
#include "server/node.h"
#include "x509/csr.h"

namespace chancery::bench {

// A request ready to be checked: what the floor verifies is exactly what the issuance verifies.
struct Request {
  std::string pem;
  x509::CertificationRequest parsed;
};

// RSA and ML-DSA keys are slow to make: few keys, many different requests.
// Each is for a host of its own, or all for the one given.
[[nodiscard]] std::vector<Request> make_requests(crypto::KeyType type, std::size_t count,
                                                 std::string_view host = {});

// A node with a self-signed authority of one key type and a role that lets everything through.
class Bed {
 public:
  // In a temporary directory, or in one to be kept, which is opened as it is when it holds one.
  explicit Bed(crypto::KeyType type);
  Bed(crypto::KeyType type, std::string directory);
  void close();
  void open();

  [[nodiscard]] access::Grant grant() const;

  // enrol is the path of one issuance up to the write set that is to be committed.
  [[nodiscard]] ca::Staged<ca::Issued> enrol(const Request& request);

  // issue does what a server does for so many clients whose requests lie ready: works through them,
  // says it is idle, and waits until all are durable.
  void issue(const std::vector<Request>& requests, std::size_t first, std::size_t count,
             unsigned clients = kClients);

  [[nodiscard]] server::Node& node() { return *node_; }
  [[nodiscard]] enrol::Roles& roles() { return *roles_; }
  [[nodiscard]] TimePoint now() const { return clock_.now(); }

 private:
  void make(crypto::KeyType type);
  void fill(crypto::KeyType type);

  const OnLane outside_ = OnLane::outside_server();
  SystemClock clock_;
  crypto::SystemRandom random_;
  NullLog log_;
  const std::optional<TemporaryDirectory> temporary_;
  const std::string directory_;
  std::unique_ptr<server::Node> node_;
  std::unique_ptr<enrol::Roles> roles_;
  std::unique_ptr<enrol::Enrolment> enrolment_;
};

}  // namespace chancery::bench
