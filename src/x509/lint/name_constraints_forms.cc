#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.name_constraints) return;
  using enum GeneralName::Kind;
  const auto look = [&](const std::vector<GeneralName>& subtrees) {
    for (const GeneralName& name : subtrees) {
      if (name.kind() == kX400Address) report.add("a name constraint is on an x400Address");
      if (name.kind() == kEdiParty) report.add("a name constraint is on an ediPartyName");
      if (name.kind() == kRegisteredId) report.add("a name constraint is on a registeredID");
    }
  };
  look(tbs.extensions.name_constraints->permitted);
  look(tbs.extensions.name_constraints->excluded);
}

}  // namespace

const Rule kNameConstraintsFormsRule{"name_constraints_forms", Severity::kWarning,
                                     "no name constraint is on an ediPartyName, a registeredID or "
                                     "an x400Address (RFC 5280 section 4.2.1.10)",
                                     check};

}  // namespace chancery::x509::lint
