#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kEmail, [&](const GeneralName& name) {
    const std::string_view text = name.text();
    const std::size_t at = text.find('@');
    const bool fine =
        at != std::string_view::npos && at != 0 && at + 1 != text.size() && at == text.rfind('@');
    if (!fine) report.add("e-mail name '" + printable(text) + "' is not of the form user@host");
  });
}

}  // namespace

const Rule kSanEmailSyntaxRule{"san_email_syntax", Severity::kError,
                               "e-mail names have one '@' with something on either side", check};

}  // namespace chancery::x509::lint
