#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "asn1/oid.h"
#include "x509/certificate.h"
#include "x509/path/certificate_source.h"
#include "x509/path/findings.h"
#include "x509/path/verify_path.h"

namespace chancery::x509::path {

inline constexpr std::size_t kMaxAttempts = 8;

// Attempt is a path that was tried and is not valid.
struct Attempt {
  std::vector<Certificate> path;  // target first
  Findings findings;
};

// Report is the outcome of a validation.
struct Report {
  bool valid = false;
  // The valid path, target first and anchor last; if there is none, the best one tried.
  std::vector<Certificate> path;
  Findings findings;                // of that path
  std::vector<asn1::Oid> policies;  // user-constrained policy set of a valid path
  // Other paths that were tried, at most kMaxAttempts.
  std::vector<Attempt> attempts;
  std::size_t iterations = 0;
  std::size_t signature_checks = 0;
};

// validate searches for a path from `target` to a trust anchor that is valid for `options`, depth
// first and likeliest issuer first (anchors, then key identifiers, then validity). A candidate that
// cannot be part of any valid path (expired, no CA, signature does not verify) ends its branch at
// once; a complete path is verified as a whole, and the search goes on while it is not valid. No
// subject with the same key comes twice in a path (RFC 4158 section 2.4.2).
//
// If no path is valid, a second search, with a small budget of its own and without that pruning,
// finds the path to explain the refusal with: one that ends in an anchor before one that does not,
// then the one with the fewest errors.
//
// The limits in `options` bound time and memory for any input. Sources may be asked in any order.
// Thread-safe as long as nobody changes what it is given.
[[nodiscard]] Report validate(const Certificate& target, const TrustStore& trust,
                              std::span<const CertificateSource* const> sources,
                              const Options& options);

}  // namespace chancery::x509::path
