#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (is_ca(tbs) || !has_purpose(tbs, oids::kOcspSigning)) return;
  if (tbs.extensions.find(oids::kOcspNoCheck) == nullptr) report.add("there is no ocsp-nocheck");
}

}  // namespace

const Rule kBrOcspNoCheckRule{
    "br_ocsp_no_check", Severity::kOff,
    "an OCSP responder's certificate says that it is not to be checked by OCSP (BR section 4.9.9)",
    check};

}  // namespace chancery::x509::lint
