// Reads file names, one a line, and writes a line for each: "refused" with the parser's reason, or
// "judged" with the ids of all rules of x509/lint that find a fault, whatever their default.

#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>

#include "asn1/pem.h"
#include "x509/lint/lint.h"

namespace {

using namespace chancery;
namespace lint = x509::lint;

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const std::vector<lint::Setting>& everything() {
  static const auto kSettings = [] {
    std::vector<lint::Setting> settings;
    for (const lint::RuleInfo& rule : lint::rules()) {
      settings.push_back({rule.id, lint::Severity::kError});
    }
    return settings;
  }();
  return kSettings;
}

std::string judge(const std::string& content) {
  const auto blocks = asn1::parse_pem(content);
  if (!blocks || blocks->empty()) return "refused no PEM";
  if (blocks->front().label != "CERTIFICATE") return "other " + blocks->front().label;
  const auto certificate = x509::Certificate::parse(blocks->front().der);
  if (!certificate) return "refused " + certificate.error().detail;
  lint::LintContext context;
  context.settings = everything();
  std::set<std::string> rules;
  for (const lint::Finding& finding : lint::lint_certificate(*certificate, context)) {
    rules.emplace(finding.rule);
  }
  std::string line = "judged";
  for (const std::string& rule : rules) line += " " + rule;
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--rules") {
    for (const lint::RuleInfo& rule : lint::rules()) std::cout << rule.id << '\n';
    return 0;
  }
  std::string path;
  while (std::getline(std::cin, path)) std::cout << judge(read_file(path)) << '\n';
  return 0;
}
