#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/issuance.h"
#include "cli/report.h"
#include "cli/request_maker.h"
#include "cli/verbs.h"
#include "os/file.h"
#include "x509/csr.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

// Files are named for what they hold: "*.example.test" becomes "_.example.test".
std::string file_stem(const IssueOptions& options) {
  std::string stem = options.common_name.empty() ? "certificate" : options.common_name;
  for (char& c : stem) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-';
    if (!plain) c = '_';
  }
  return stem;
}

struct Outputs {
  std::string certificate;
  std::string key;
};

Result<Outputs> outputs_of(const IssueOptions& options) {
  const std::string stem = file_stem(options);
  Outputs outputs{options.out_cert.empty() ? stem + ".crt" : options.out_cert,
                  options.out_key.empty() ? stem + ".key" : options.out_key};
  // Found out before a certificate is issued that could not be stored.
  for (const std::string& path :
       {outputs.certificate, options.csr.empty() ? outputs.key : std::string()}) {
    if (!path.empty() && !options.force && os::exists(path)) {
      return std::unexpected(
          Error{Code::kAlreadyExists, "the file exists; use --force to overwrite it", {}, {}}.with(
              "path", path));
    }
  }
  return outputs;
}

// Adds to the request what proves or makes the key; writes the key made here before anything is
// asked for.
Result<void> add_key(const IssueOptions& options, const Outputs& outputs, json::object& request) {
  if (options.server_key) {
    request["server_key"] = true;
    if (!options.common_name.empty()) request["common_name"] = options.common_name;
    if (!options.names.empty()) request["names"] = plain_names(TRY(parse_names(options.names)));
    return {};
  }
  if (!options.csr.empty()) {
    const Bytes text = TRY(os::read_file(options.csr, 1024 * 1024));
    request["csr"] = as_text(text);
    return {};
  }
  const crypto::KeyType type = TRY(crypto::parse_key_type(options.key_type));
  const auto key = TRY(crypto::PrivateKey::generate(type));
  request["csr"] = TRY(make_request(key, options.common_name, options.names));
  const SecretBytes pem = TRY(private_key_pem(key));
  return write_output(outputs.key, pem.view(), Secrecy::kPrivate, options.force);
}

Result<void> write_certificate(const json::object& answer, const Outputs& outputs, bool force) {
  const std::string pem = certificate_pem(answer, true);
  return write_output(outputs.certificate, as_bytes(pem), Secrecy::kPublic, force);
}

Result<json::object> issue(const IssueOptions& options, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  TRY(parse_names(options.names));
  const Outputs outputs = TRY(outputs_of(options));
  json::object request;
  request.emplace(options.profile.empty() ? "role" : "profile",
                  options.profile.empty() ? options.role : options.profile);
  if (!options.ttl.empty()) request["ttl"] = options.ttl;
  TRY(add_key(options, outputs, request));
  json::object answer = TRY(client.post("/certificates", request));
  if (options.server_key) {
    std::string pem = text_of(answer, "private_key");
    auto written = write_output(outputs.key, as_bytes(pem), Secrecy::kPrivate, options.force);
    wipe(pem);
    if (!written) return std::unexpected(written.error());
    answer.erase("private_key");
  }
  TRY(write_certificate(answer, outputs, options.force));
  answer["certificate_file"] = outputs.certificate;
  if (options.csr.empty()) answer["key_file"] = outputs.key;
  return answer;
}

}  // namespace

Exit cert_issue(const IssueOptions& options, const Common& common) {
  const auto answer = issue(options, common);
  if (!answer) return fail_with(answer.error());
  warn_of(*answer);
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return Exit::kOk;
  }
  print("Issued " + text_of(*answer, "serial_number") + ", valid until " +
        text_of(*answer, "not_after") + "\n");
  print("  certificate  " + text_of(*answer, "certificate_file") + "\n");
  if (answer->contains("key_file")) print("  private key  " + text_of(*answer, "key_file") + "\n");
  return Exit::kOk;
}

}  // namespace chancery::cli
