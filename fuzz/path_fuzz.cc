#include <optional>
#include <vector>

#include "x509/path/validate.h"

// The input is certificates one after another (DER): the first is the target, the last the anchor,
// all are intermediates. A validation of whatever parses ends within its budgets, with a reason.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  namespace path = x509::path;
  std::vector<x509::Certificate> certificates;
  asn1::Reader in(BytesView(data, size));
  while (!in.empty() && certificates.size() < 8) {
    const auto der = in.read_whole(asn1::kSequence);
    if (!der) break;
    if (auto certificate = x509::Certificate::parse(*der))
      certificates.push_back(*std::move(certificate));
  }
  if (certificates.empty()) return 0;
  path::TrustStore trust;
  trust.add(certificates.back());
  path::CertificatePool pool;
  for (const auto& certificate : certificates) pool.add(certificate);
  const path::CertificateSource* const source = &pool;
  path::Options options;
  options.time = certificates.front().not_before();
  options.host = "www.example.test";
  options.explain = true;
  options.policies.require_explicit = (size & 1U) != 0;
  const path::Report report =
      path::validate(certificates.front(), trust, std::span(&source, 1), options);
  CHANCERY_CHECK(!report.path.empty());
  CHANCERY_CHECK(report.valid == (report.findings.errors() == 0));
  CHANCERY_CHECK(report.path.size() <= options.limits.depth);
  // Without the host and with any purpose nothing valid may become invalid.
  options.host.reset();
  options.purpose = path::Purpose::kAny;
  CHANCERY_CHECK(!report.valid ||
                 path::validate(certificates.front(), trust, std::span(&source, 1), options).valid);
  return 0;
}
