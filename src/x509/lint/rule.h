#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "x509/lint/lint.h"
#include "x509/tbs_certificate.h"

namespace chancery::x509::lint {

// Report collects the findings of one rule. Internal to this folder.
class Report {
 public:
  Report(std::vector<Finding>& out, std::string_view rule, Severity severity)
      : out_(out), rule_(rule), severity_(severity) {}
  void add(std::string message) { out_.push_back({severity_, rule_, std::move(message)}); }

 private:
  std::vector<Finding>& out_;
  std::string_view rule_;
  Severity severity_;
};

// Rule is one thing a certificate must or should be. Each stands in a file of its name and in the
// list of lint.cc.
struct Rule {
  std::string_view id;
  Severity severity;
  std::string_view wants;
  void (*check)(const TbsCertificate&, const LintContext&, Report&);
};

[[nodiscard]] inline bool is_ca(const TbsCertificate& tbs) {
  return tbs.extensions.basic_constraints && tbs.extensions.basic_constraints->ca;
}
[[nodiscard]] inline bool is_self_issued(const TbsCertificate& tbs) {
  return tbs.issuer == tbs.subject;
}

// for_each_name calls visit(GeneralName) for the alternative names of one kind.
template <class Visit>
void for_each_name(const TbsCertificate& tbs, GeneralName::Kind kind, Visit&& visit) {
  if (!tbs.extensions.subject_alt_name) return;
  for (const GeneralName& name : *tbs.extensions.subject_alt_name) {
    if (name.kind() == kind) visit(name);
  }
}

}  // namespace chancery::x509::lint
