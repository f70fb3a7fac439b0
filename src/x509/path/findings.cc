#include "x509/path/findings.h"

#include <algorithm>

#include "base/text.h"

namespace chancery::x509::path {

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

bool Findings::has(Rule rule) const {
  return std::ranges::find(list_, rule, &Finding::rule) != list_.end();
}

void Findings::add(Severity severity, Rule rule, std::optional<std::size_t> certificate,
                   std::string_view message) {
  if (list_.size() == kMaxFindings) return;
  list_.push_back({severity, certificate, rule, printable(message, 512)});
}

}  // namespace chancery::x509::path
