#include "cli/issuance.h"

#include <boost/json.hpp>

#include "cli/report.h"

namespace chancery::cli {

namespace json = boost::json;

std::string text_of(const json::object& answer, std::string_view key) {
  const auto* value = answer.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

json::array plain_names(std::span<const x509::GeneralName> names) {
  using Kind = x509::GeneralName::Kind;
  json::array array;
  for (const x509::GeneralName& name : names) {
    if (name.kind() == Kind::kIp) array.emplace_back(x509::ip_to_string(name.octets()));
    if (!name.text().empty()) array.emplace_back(name.text());
  }
  return array;
}

std::string certificate_pem(const json::object& answer, bool chain) {
  std::string pem = text_of(answer, "certificate");
  if (!pem.empty() && pem.back() != '\n') pem += '\n';
  const auto* list = answer.if_contains("chain");
  if (!chain || list == nullptr || !list->is_array()) return pem;
  for (std::size_t i = 0; i + 1 < list->get_array().size(); ++i) {
    const auto* one = list->get_array()[i].if_string();
    if (one != nullptr) pem += std::string(*one) + "\n";
  }
  return pem;
}

void warn_of(const json::object& answer) {
  const auto* warnings = answer.if_contains("warnings");
  if (warnings == nullptr || !warnings->is_array()) return;
  for (const auto& warning : warnings->get_array()) {
    if (warning.is_string()) warn(std::string_view(warning.get_string()));
  }
}

Result<x509::CertificationRequest> read_request(BytesView content, const std::string& file) {
  const bool is_pem = as_text(content).find("-----BEGIN ") != std::string_view::npos;
  auto request = is_pem ? x509::CertificationRequest::from_pem(as_text(content))
                        : x509::CertificationRequest::parse(content);
  if (!request) return std::unexpected(std::move(request).error().with("file", file));
  return request;
}

}  // namespace chancery::cli
