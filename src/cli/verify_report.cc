#include "cli/verify_report.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "x509/oids.h"

namespace chancery::cli {
namespace {

namespace path = x509::path;
using path::Finding;
using path::Findings;
using path::Severity;
using x509::Certificate;

std::string title(const Certificate& certificate) {
  if (!certificate.subject().empty()) return printable(certificate.subject().to_string(), 256);
  const auto names = certificate.subject_alt_names();
  return names.empty() ? "(no name)" : printable(names.front().to_string(), 256);
}

std::string_view mark(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "ok      ";
    case Severity::kWarning:
      return "warning ";
    case Severity::kError:
      return "ERROR   ";
  }
  return "";
}

std::string line(const Finding& finding) {
  return "   " + std::string(mark(finding.severity)) + std::string(path::name(finding.rule)) +
         ": " + finding.message + "  [" + std::string(path::section(finding.rule)) + "]\n";
}

std::string asked(const path::Options& options) {
  std::string text = "purpose " + std::string(path::name(options.purpose));
  if (options.host) text += ", host " + printable(*options.host);
  return text + ", at " + rfc3339(options.time);
}

std::string role_of(std::size_t index, const path::Report& report) {
  if (index == 0) return "target";
  const bool last = index + 1 == report.path.size();
  const auto& list = report.findings.list();
  const bool anchor = last && std::ranges::any_of(list, [&](const Finding& finding) {
                        return finding.rule == path::Rule::kTrustAnchor;
                      });
  return anchor ? "trust anchor" : "intermediate";
}

std::string certificate_text(std::size_t index, const path::Report& report) {
  const Certificate& certificate = report.path[index];
  std::string out = "\n" + std::to_string(index) + "  " + title(certificate) + "  (" +
                    role_of(index, report) + ")\n   serial  " + hex(certificate.serial(), ':') +
                    "\n";
  for (const Finding& finding : report.findings.list()) {
    if (finding.certificate == index) out += line(finding);
  }
  return out;
}

std::string attempt_text(const path::Attempt& attempt) {
  std::string out = "\n-  ";
  for (std::size_t i = 0; i < attempt.path.size(); ++i)
    out += (i > 0 ? " < " : "") + title(attempt.path[i]);
  out += "\n";
  for (const Finding& finding : attempt.findings.list()) {
    if (finding.severity != Severity::kError) continue;
    const std::string where =
        finding.certificate ? "certificate " + std::to_string(*finding.certificate) + ", " : "";
    out += "   " + where + std::string(path::name(finding.rule)) + ": " + finding.message + "\n";
  }
  return out;
}

boost::json::object to_json(const Finding& finding) {
  boost::json::object out{{"severity", path::name(finding.severity)},
                          {"certificate", nullptr},
                          {"rule", path::name(finding.rule)},
                          {"message", finding.message},
                          {"section", path::section(finding.rule)}};
  if (finding.certificate) out["certificate"] = *finding.certificate;
  return out;
}

boost::json::array to_json(const Findings& findings) {
  boost::json::array out;
  for (const Finding& finding : findings.list()) out.emplace_back(to_json(finding));
  return out;
}

boost::json::array to_json(const std::vector<Certificate>& certificates) {
  boost::json::array out;
  for (const Certificate& certificate : certificates) {
    out.push_back({{"subject", certificate.subject().to_string()},
                   {"issuer", certificate.issuer().to_string()},
                   {"serial_number", hex(certificate.serial(), ':')},
                   {"fingerprint_sha256", hex(certificate.fingerprint_sha256())},
                   {"not_before", rfc3339(certificate.not_before())},
                   {"not_after", rfc3339(certificate.not_after())}});
  }
  return out;
}

}  // namespace

std::string verify_text(const path::Report& report, const path::Options& options) {
  std::string out =
      std::string(report.valid ? "VALID" : "NOT VALID") + ": " + asked(options) + "\n";
  for (std::size_t i = 0; i < report.path.size(); ++i) out += certificate_text(i, report);
  std::string whole;
  for (const Finding& finding : report.findings.list()) {
    if (!finding.certificate) whole += line(finding);
  }
  if (!whole.empty()) out += "\nThe path as a whole\n" + whole;
  if (!report.attempts.empty()) out += "\nPaths that were given up\n";
  for (const path::Attempt& attempt : report.attempts) out += attempt_text(attempt);
  return out;
}

boost::json::value verify_json(const path::Report& report, const path::Options& options) {
  boost::json::array policies;
  for (const asn1::Oid& policy : report.policies) policies.emplace_back(policy.to_string());
  boost::json::array attempts;
  for (const path::Attempt& attempt : report.attempts)
    attempts.push_back({{"path", to_json(attempt.path)}, {"findings", to_json(attempt.findings)}});
  boost::json::object out{{"valid", report.valid},
                          {"time", rfc3339(options.time)},
                          {"purpose", path::name(options.purpose)},
                          {"host", nullptr},
                          {"path", to_json(report.path)},
                          {"findings", to_json(report.findings)},
                          {"policies", policies},
                          {"attempts", attempts},
                          {"candidates", report.iterations},
                          {"signature_checks", report.signature_checks}};
  if (options.host) out["host"] = *options.host;
  return out;
}

}  // namespace chancery::cli
