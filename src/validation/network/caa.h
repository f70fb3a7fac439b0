#pragma once

#include <string>
#include <vector>

#include "validation/network/probe.h"
#include "validation/network/records.h"

namespace chancery::validation::network {

// check_caa looks for the closest name at or above the question's that has CAA records, and judges
// by them. A look-up that fails is a refusal; NXDOMAIN and no data go on to the parent (RFC 8659
// section 3).
[[nodiscard]] Outcome check_caa(const CaaQuestion& question, const Probe& probe);

// judge_caa decides by the records found at `domain`. Pure.
[[nodiscard]] Outcome judge_caa(const CaaQuestion& question, const std::string& domain,
                                const std::vector<CaaRecord>& records);

}  // namespace chancery::validation::network
