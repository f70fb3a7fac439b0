#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

bool is_scheme_character(char c, bool first) {
  const char lower = to_lower(c);
  if (lower >= 'a' && lower <= 'z') return true;
  return !first && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.');
}

bool has_scheme(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == uri.size()) return false;
  for (std::size_t i = 0; i < colon; ++i) {
    if (!is_scheme_character(uri[i], i == 0)) return false;
  }
  return true;
}

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kUri, [&](const GeneralName& name) {
    if (!has_scheme(name.text()))
      report.add("URI name '" + printable(name.text()) + "' has no scheme");
  });
}

}  // namespace

const Rule kSanUriSchemeRule{
    "san_uri_scheme", Severity::kError,
    "URI names are absolute: they begin with a scheme (RFC 5280 section 4.2.1.6)", check};

}  // namespace chancery::x509::lint
