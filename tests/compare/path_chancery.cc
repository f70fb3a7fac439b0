// Judges the cases of path_cases with x509/path.

#include <set>

#include "judge.h"
#include "x509/path/validate.h"

namespace {

using namespace chancery;
namespace path = x509::path;

std::string rules_of(const path::Findings& findings) {
  std::set<std::string> rules;
  for (const path::Finding& finding : findings.list()) {
    if (finding.severity == path::Severity::kError) rules.emplace(path::name(finding.rule));
  }
  std::string out;
  for (const std::string& rule : rules) out += (out.empty() ? "" : ",") + rule;
  return out;
}

void judge(const compare::JudgedCase& judged) {
  const auto target = x509::Certificate::parse(BytesView(judged.target));
  if (!target) return say(judged, false, "parse:" + target.error().detail);
  path::TrustStore trust;
  path::CertificatePool pool;
  std::string unparsed;
  for (const auto& der : judged.anchors) {
    auto one = x509::Certificate::parse(BytesView(der));
    if (one)
      trust.add(*std::move(one));
    else
      unparsed = "parse:" + one.error().detail;
  }
  for (const auto& der : judged.pool) {
    auto one = x509::Certificate::parse(BytesView(der));
    if (one)
      pool.add(*std::move(one));
    else
      unparsed = "parse:" + one.error().detail;
  }
  path::Options options;
  options.time = from_unix(compare::kTime);
  options.host = judged.host;
  if (judged.policy != "-") {
    options.policies.acceptable = {asn1::Oid::parse(judged.policy).value()};
    options.policies.require_explicit = true;
  }
  const path::CertificateSource* const source = &pool;
  const path::Report report = path::validate(*target, trust, std::span(&source, 1), options);
  say(judged, report.valid,
      report.valid       ? ""
      : unparsed.empty() ? rules_of(report.findings)
                         : unparsed);
}

}  // namespace

int main() {
  for (chancery::compare::JudgedCase judged; read_case(judged);) judge(judged);
}
