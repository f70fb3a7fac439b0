#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "x509/lint/facts.h"
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
// list of lint.cc. Its severity holds where nobody chose another; kOff: not looked at unless asked.
struct Rule {
  std::string_view id;
  Severity severity;
  std::string_view wants;
  void (*check)(const TbsCertificate&, const LintContext&, Report&);
};

}  // namespace chancery::x509::lint
