#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/content.h"
#include "policy/evaluate.h"

namespace chancery::policy {

// Finding is what one rule says to a request.
struct Finding {
  enum class Verdict : std::uint8_t {
    kAllows,
    kRefuses,
    kNotReached,  // it needs what an earlier refusal kept from being known
  };
  std::string rule;
  std::string field;  // of the request, that it looks at or that decided
  Verdict verdict = Verdict::kAllows;
  std::string detail = {};  // of a refusal: the text that a client would get
};
[[nodiscard]] std::string_view name(Finding::Verdict verdict);

// finding makes one of a check's outcome; a refusal's own rule and field come first.
[[nodiscard]] Finding finding(std::string_view rule, std::string_view field,
                              const Result<void>& outcome);

// Explanation is what would become of a request.
struct Explanation {
  std::vector<Finding> findings;              // in the order in which they are asked
  std::vector<std::string> warnings;          // for the client
  std::optional<CertificateContent> content;  // of the certificate, where nothing refuses
  [[nodiscard]] bool allowed() const { return content.has_value(); }
};

// explain judges a request as evaluate does, but asks every rule, beyond the first refusal too.
// Nothing can be issued with what it gives. Pure, no clock.
[[nodiscard]] Explanation explain(const access::Grant& grant, const CompiledProfile& profile,
                                  const IssueRequest& request, const IssuerFacts& issuer,
                                  TimePoint now);

}  // namespace chancery::policy
