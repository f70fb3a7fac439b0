#pragma once

#include <span>
#include <vector>

#include "asn1/oid.h"
#include "x509/certificate.h"
#include "x509/path/findings.h"

namespace chancery::x509::path {

// PolicyInputs are the caller's inputs of RFC 5280 section 6.1.1.
struct PolicyInputs {
  std::vector<asn1::Oid> acceptable;  // user-initial-policy-set; empty: any policy
  bool require_explicit = false;      // initial-explicit-policy
  bool inhibit_mapping = false;       // initial-policy-mapping-inhibit
  bool inhibit_any = false;           // initial-any-policy-inhibit
};

// check_policies processes the policies of `path` (target first, anchor last; the anchor's are not
// looked at) and returns the user-constrained policy set, sorted; {anyPolicy} when any would do.
// It keeps a graph in place of RFC 5280's tree (RFC 9618), so time and memory grow with the number
// of policies and mappings in the path, not with their product.
[[nodiscard]] std::vector<asn1::Oid> check_policies(std::span<const Certificate> path,
                                                    const PolicyInputs& inputs, Findings& findings);

}  // namespace chancery::x509::path
