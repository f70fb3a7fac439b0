#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (tbs.extensions.find(oids::kPrecertificatePoison) != nullptr &&
      tbs.extensions.find(oids::kSctList) != nullptr) {
    report.add("a precertificate has a list of signed timestamps");
  }
}

}  // namespace

const Rule kPrecertificateSctsRule{
    "precertificate_scts", Severity::kError,
    "a precertificate has no list of signed timestamps (RFC 6962 section 3.1)", check};

}  // namespace chancery::x509::lint
