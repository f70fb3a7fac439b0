#include <algorithm>
#include <iterator>

#include "x509/lint/rules.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

struct Bound {
  asn1::Oid type;
  std::size_t characters;
};
constexpr Bound kBounds[] = {
    {oids::kCommonName, 64},    {oids::kSerialNumber, 64},
    {oids::kEmailAddress, 255}, {oids::kGivenName, 32768},
    {oids::kSurname, 32768},    {oids::kLocality, 128},
    {oids::kOrganization, 64},  {oids::kOrganizationalUnit, 64},
    {oids::kPostalCode, 16},    {oids::kState, 128},
    {oids::kStreet, 128},       {oids::kTitle, 64},
};

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for (const Attribute& attribute : tbs.subject.attributes()) {
    const auto bound = std::ranges::find(kBounds, attribute.type, &Bound::type);
    if (bound == std::end(kBounds)) continue;
    const auto text = attribute.text();
    if (!text || characters(*text) <= bound->characters) continue;
    report.add("the subject's " + attribute_name(attribute.type) + " is over " +
               std::to_string(bound->characters) + " characters");
  }
}

}  // namespace

const Rule kSubjectLengthsRule{
    "subject_lengths", Severity::kError,
    "the subject's values keep within the upper bounds of RFC 5280 appendix A.1", check};

}  // namespace chancery::x509::lint
