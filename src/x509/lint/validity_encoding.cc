#include "asn1/reader.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  asn1::Reader in(tbs.validity);
  while (!in.empty()) {
    const auto time = in.next();
    if (!time) return;
    // UTCTime cannot say a later year, so only the other mistake exists.
    if (time->tag == asn1::kGeneralizedTime && as_text(time->content) < "2050") {
      report.add("time " + std::string(as_text(time->content)) +
                 " is GeneralizedTime instead of UTCTime");
    }
  }
}

}  // namespace

const Rule kValidityEncodingRule{
    "validity_encoding", Severity::kError,
    "times through 2049 are UTCTime, later ones GeneralizedTime (RFC 5280 section 4.1.2.5)", check};

}  // namespace chancery::x509::lint
