#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

constexpr asn1::Oid kOrganizationValidated("2.23.140.1.2.2");

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!has_policy(tbs, kOrganizationValidated)) return;
  if (!tbs.subject.first(oids::kOrganization)) report.add("the subject has no organization");
  if (!tbs.subject.first(oids::kCountry)) report.add("the subject has no country");
  if (!tbs.subject.first(oids::kLocality) && !tbs.subject.first(oids::kState)) {
    report.add("the subject has neither locality nor state");
  }
}

}  // namespace

const Rule kBrOvSubjectRule{"br_ov_subject", Severity::kOff,
                            "with the policy \"organization validated\" the subject has "
                            "organization, country, and locality or state (BR section 7.1.2.7.4)",
                            check};

}  // namespace chancery::x509::lint
