#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "asn1/oid.h"
#include "base/time.h"
#include "x509/certificate.h"
#include "x509/path/budget.h"
#include "x509/path/findings.h"
#include "x509/path/policies.h"
#include "x509/path/purpose.h"
#include "x509/path/revocation.h"
#include "x509/path/signatures.h"

namespace chancery::x509::path {

// Options say what the target is validated for.
struct Options {
  TimePoint time;  // for which everything must be valid; nothing here asks a clock
  Purpose purpose = Purpose::kServer;
  std::optional<std::string> host;  // DNS name or IP address that the target must name
  PolicyInputs policies;
  RevocationInputs revocation;
  Limits limits;
  bool explain = false;  // also report the checks that passed
};

// Whether a path ends in a trust anchor, or where no issuer is known.
enum class PathEnd : std::uint8_t { kAnchor, kIncomplete };

// verify_path applies every rule to one path (target first, issuer after issuer, anchor last) and
// puts what it finds into `findings`: RFC 5280 section 6.1 with RFC 9618's policies, extended key
// usages along the path, the host name, revocation. It goes on after an error, so that a report is
// complete; an incomplete path is checked as far as it goes and is an error. Returns the
// user-constrained policy set.
[[nodiscard]] std::vector<asn1::Oid> verify_path(std::span<const Certificate> path, PathEnd end,
                                                 const Options& options,
                                                 SignatureChecks& signatures, Findings& findings);

}  // namespace chancery::x509::path
