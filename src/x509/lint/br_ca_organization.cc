#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_ca(tbs)) return;
  const auto organization = tbs.subject.first(oids::kOrganization);
  if (!organization || organization->empty()) report.add("the CA has no organization");
}

}  // namespace

const Rule kBrCaOrganizationRule{"br_ca_organization", Severity::kOff,
                                 "a CA has an organization (BR section 7.1.2.10.2)", check};

}  // namespace chancery::x509::lint
