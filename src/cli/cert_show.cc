#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "os/file.h"
#include "x509/certificate.h"
#include "x509/to_text.h"

namespace chancery::cli {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;

boost::json::object describe(const x509::Certificate& certificate) {
  boost::json::array names;
  for (const auto& name : certificate.subject_alt_names()) names.emplace_back(name.to_string());
  return {{"serial_number", hex(certificate.serial(), ':')},
          {"fingerprint_sha256", hex(certificate.fingerprint_sha256())},
          {"subject", certificate.subject().to_string()},
          {"issuer", certificate.issuer().to_string()},
          {"not_before", rfc3339(certificate.not_before())},
          {"not_after", rfc3339(certificate.not_after())},
          {"names", names}};
}

Result<void> show_file(const std::string& file, Format format) {
  const Bytes content = TRY(os::read_file(file, kMaxFile));
  std::vector<x509::Certificate> certificates;
  if (as_text(content).find("-----BEGIN ") != std::string_view::npos) {
    certificates = TRY(x509::Certificate::all_from_pem(as_text(content)));
  } else {
    certificates.push_back(TRY(x509::Certificate::parse(BytesView(content))));
  }
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    if (format != Format::kText) {
      print_value(describe(certificates[i]), format);
    } else {
      print((i > 0 ? "\n" : "") + x509::to_text(certificates[i]));
    }
  }
  return {};
}

Result<void> show_stored(const std::string& id, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  const auto answer = TRY(client.get("/certificates/" + encode_query(id)));
  if (common.format != Format::kText) {
    print_value(answer, common.format);
    return {};
  }
  const auto* pem = answer.if_contains("certificate");
  if (pem != nullptr && pem->is_string()) {
    const auto certificate = TRY(x509::Certificate::from_pem(std::string_view(pem->get_string())));
    print(x509::to_text(certificate));
  }
  const auto line = [&](std::string_view label, std::string_view key) {
    const auto* value = answer.if_contains(key);
    if (value != nullptr && value->is_string()) {
      print(std::string(label) + std::string(value->get_string()) + "\n");
    }
  };
  line("Status:               ", "status");
  line("Role:                 ", "role");
  line("Issuer id:            ", "issuer_id");
  if (const auto* revocation = answer.if_contains("revocation");
      revocation != nullptr && revocation->is_object()) {
    print("Revoked:              " + std::string(revocation->at("revoked_at").as_string()) + ", " +
          std::string(revocation->at("reason").as_string()) + "\n");
  }
  return {};
}

}  // namespace

Exit cert_show(const ShowOptions& options, const Common& common) {
  if (options.serial.empty() == options.file.empty()) {
    warn("give either a serial number or --file");
    return Exit::kUsage;
  }
  const auto shown = options.file.empty() ? show_stored(options.serial, common)
                                          : show_file(options.file, common.format);
  return shown ? Exit::kOk : fail_with(shown.error());
}

}  // namespace chancery::cli
