#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

constexpr asn1::Oid kDomainValidated("2.23.140.1.2.1");

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!has_policy(tbs, kDomainValidated)) return;
  for (const Attribute& attribute : tbs.subject.attributes()) {
    if (attribute.type == oids::kCountry || attribute.type == oids::kCommonName) continue;
    report.add("the subject has " + attribute_name(attribute.type));
  }
}

}  // namespace

const Rule kBrDvSubjectRule{"br_dv_subject", Severity::kOff,
                            "with the policy \"domain validated\" the subject has a country and a "
                            "common name at most (BR section 7.1.2.7.2)",
                            check};

}  // namespace chancery::x509::lint
