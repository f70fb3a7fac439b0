#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/algorithm.h"
#include "x509/certificate.h"
#include "x509/tbs_certificate.h"

namespace chancery::x509::lint {

enum class Severity : std::uint8_t { kOff, kWarning, kError };
[[nodiscard]] std::string_view name(Severity severity);

struct Finding {
  Severity severity = Severity::kError;
  std::string_view rule;  // stable id, such as "san_dns_syntax"; static memory
  std::string message;    // what is wrong, naming the value
};

// Setting says how serious one rule is for somebody.
struct Setting {
  std::string_view rule;  // an id of rules(); static memory
  Severity severity = Severity::kError;
};

// LintContext is what the bytes alone do not say; leave out what is not known.
struct LintContext {
  std::optional<TimePoint> issuer_not_before;
  std::optional<TimePoint> issuer_not_after;
  std::optional<crypto::KeyAlgorithm> issuer_key;
  std::span<const Setting> settings;  // where they differ from the rules' own
};

// lint_tbs checks the exact TBSCertificate that is about to be signed. Bytes that do not parse
// yield one finding, rule "parse". Rules that are off are not run. Pure. Errors mean "do not sign",
// warnings "tell".
[[nodiscard]] std::vector<Finding> lint_tbs(BytesView tbs_der, const LintContext& context = {});
// The same for bytes that are parsed already.
[[nodiscard]] std::vector<Finding> lint_tbs(const TbsCertificate& tbs,
                                            const LintContext& context = {});
// lint_certificate does the same for a finished certificate, whose algorithms agree already.
[[nodiscard]] std::vector<Finding> lint_certificate(const Certificate& certificate,
                                                    const LintContext& context = {});

// has_errors is true when any finding is an error.
[[nodiscard]] bool has_errors(const std::vector<Finding>& findings);

// rules lists every rule with one line of what it wants, for documentation and tests.
struct RuleInfo {
  std::string_view id;
  Severity severity;
  std::string_view wants;
};
[[nodiscard]] const std::vector<RuleInfo>& rules();

}  // namespace chancery::x509::lint
