#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

struct Limit {
  std::int64_t since;
  int days;
};
// The latest first: from 2029-03-15, 2027-03-15, 2026-03-15, 2020-09-01 and 2018-03-01.
constexpr Limit kLimits[] = {{1'868'227'200, 47},
                             {1'805'068'800, 100},
                             {1'773'532'800, 200},
                             {1'598'918'400, 398},
                             {1'519'862'400, 825}};

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_tls_server(tbs)) return;
  // Both ends belong to the period (RFC 5280 section 4.1.2.5).
  const seconds lives = tbs.not_after - tbs.not_before + seconds(1);
  for (const Limit& limit : kLimits) {
    if (tbs.not_before < from_unix(limit.since)) continue;
    if (lives > limit.days * kDay) {
      report.add("validity is over the " + std::to_string(limit.days) + " days allowed since " +
                 rfc3339(from_unix(limit.since)));
    }
    return;
  }
}

}  // namespace

const Rule kBrValidityRule{
    "br_validity", Severity::kOff,
    "TLS server certificates live at most as long as their year allows (BR section 6.3.2)", check};

}  // namespace chancery::x509::lint
