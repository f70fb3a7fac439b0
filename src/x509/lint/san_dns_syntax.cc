#include "base/text.h"
#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

bool is_label_character(char c, bool first_label) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || (c == '*' && first_label);
}

std::string_view label_fault(std::string_view label, bool first_label) {
  if (label.empty()) return "has an empty label";
  if (label.size() > 63) return "has a label over 63 characters";
  if (label.front() == '-' || label.back() == '-')
    return "has a label that begins or ends with a hyphen";
  for (const char c : label) {
    if (!is_label_character(c, first_label)) return "has a character that host names do not allow";
  }
  return {};
}

std::string_view dns_fault(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > 253) return "is over 253 characters";
  if (name == "*") return "is a wildcard for everything";
  bool first = true;
  while (true) {
    const std::size_t dot = name.find('.');
    if (const std::string_view fault = label_fault(name.substr(0, dot), first); !fault.empty())
      return fault;
    if (dot == std::string_view::npos) return {};
    name.remove_prefix(dot + 1);
    first = false;
  }
}

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  for_each_name(tbs, GeneralName::Kind::kDns, [&](const GeneralName& name) {
    if (const std::string_view fault = dns_fault(name.text()); !fault.empty()) {
      report.add("DNS name '" + printable(name.text(), 253) + "' " + std::string(fault));
    }
  });
}

}  // namespace

const Rule kSanDnsSyntaxRule{"san_dns_syntax", Severity::kError,
                             "DNS names are host names: labels of 1..63 letters, digits, hyphens "
                             "or underscores, 253 in all, '*' only in the first",
                             check};

}  // namespace chancery::x509::lint
