#include "asn1/reader.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  asn1::Reader in(tbs.der);
  auto fields = in.enter_sequence();
  if (!fields) return;
  while (!fields->empty()) {
    const auto field = fields->next();
    if (!field) return;
    if (field->tag == asn1::context(1)) report.add("there is an issuer unique identifier");
    if (field->tag == asn1::context(2)) report.add("there is a subject unique identifier");
  }
}

}  // namespace

const Rule kUniqueIdentifiersRule{
    "unique_identifiers", Severity::kError,
    "there is no issuer or subject unique identifier (RFC 5280 section 4.1.2.8)", check};

}  // namespace chancery::x509::lint
