#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for (const Attribute& attribute : tbs.subject.attributes()) {
    if (attribute.type == oids::kSerialNumber && attribute.tag != asn1::kPrintableString) {
      report.add("the subject's serialNumber is no PrintableString");
    }
  }
}

}  // namespace

const Rule kSubjectSerialPrintableRule{
    "subject_serial_printable", Severity::kError,
    "serialNumber in the subject is a PrintableString (RFC 5280 appendix A.1)", check};

}  // namespace chancery::x509::lint
