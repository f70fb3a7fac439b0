// The path of one issuance, for tests/compare/issue_cost_test.py, which counts the instructions of
// issue_once outside the cryptographic library.

#include "issuing_bed.h"

namespace {

constexpr std::size_t kIssued = 200;

}  // namespace

// Request in PEM to write set: reading, proof of possession, policy, plan, lint, signature, event.
extern "C" [[gnu::noinline]] std::size_t issue_once(chancery::bench::Bed& bed,
                                                    const chancery::bench::Request& request) {
  return bed.enrol(request).writes().entries.size();
}

int main() {
  const chancery::crypto::KeyType type{chancery::crypto::KeyAlgorithm::kEcdsaP256, 0};
  chancery::bench::Bed bed(type);
  const auto requests = chancery::bench::make_requests(type, kIssued);
  bed.issue(requests, 0, chancery::bench::kClients);  // caches are warm from here on
  std::size_t events = 0;
  for (const auto& request : requests) events += issue_once(bed, request);
  std::printf("%zu\n", events);
  return events == kIssued ? 0 : 1;
}
