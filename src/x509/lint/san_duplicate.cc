#include <algorithm>

#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!tbs.extensions.subject_alt_name) return;
  std::vector<std::string> names;
  for (const GeneralName& name : *tbs.extensions.subject_alt_name) {
    const bool host = name.kind() == GeneralName::Kind::kDns;
    names.push_back(host ? to_lower(name.to_string()) : name.to_string());
  }
  std::ranges::sort(names);
  for (auto at = std::ranges::adjacent_find(names); at != names.end();
       at = std::adjacent_find(at + 1, names.end())) {
    report.add("alternative name '" + printable(*at) + "' stands twice");
  }
}

}  // namespace

const Rule kSanDuplicateRule{"san_duplicate", Severity::kWarning,
                             "no alternative name stands twice", check};

}  // namespace chancery::x509::lint
