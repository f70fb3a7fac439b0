#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.subject_alt_name) return;
  using enum GeneralName::Kind;
  for (const GeneralName& name : *tbs.extensions.subject_alt_name) {
    const bool textual = name.kind() == kDns || name.kind() == kEmail || name.kind() == kUri;
    const bool empty =
        textual ? name.text().empty() : name.kind() == kDirectory && name.directory_name().empty();
    if (empty) report.add("an alternative name is empty");
  }
}

}  // namespace

const Rule kSanEmptyNameRule{"san_empty_name", Severity::kError,
                             "no alternative name is empty (RFC 5280 section 4.2.1.6)", check};

}  // namespace chancery::x509::lint
