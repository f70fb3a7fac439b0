#pragma once

#include "validation/network/probe.h"

namespace chancery::validation::network {

// http_01 fetches http://NAME/.well-known/acme-challenge/TOKEN and compares (RFC 8555 section 8.3,
// RFC 8738 section 4). It follows up to ten redirects to http or https, on the well-known ports or
// the zone's, whatever certificate it finds there; each hop is resolved and checked anew.
[[nodiscard]] Outcome http_01(const Attempt& attempt, const Probe& probe);

}  // namespace chancery::validation::network
