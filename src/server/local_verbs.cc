#include "server/local_verbs.h"

#include <boost/json.hpp>
#include <cstdlib>

#include "base/stderr_log.h"
#include "cli/report.h"
#include "crypto/system_random.h"
#include "server/initialise.h"
#include "server/passphrase.h"
#include "server/serve.h"

namespace chancery::server {
namespace {

std::string absolute(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  std::string text = resolved != nullptr ? resolved : path;
  std::free(resolved);
  return text;
}

Result<std::string> checked_base_url(std::string url, const Endpoint& http) {
  if (url.empty()) return "http://" + to_string(http);
  while (url.ends_with('/')) url.pop_back();
  if (!url.starts_with("http://")) {
    return std::unexpected(Error{
        Code::kInvalidArgument,
        "the base URL must begin with http://: clients fetch CRL and OCSP to check certificates, "
        "so they cannot use TLS for it",
        {},
        {}}.with("base-url", url));
  }
  return url;
}

Result<SecretBytes> new_passphrase(const std::string& file, const std::string& what) {
  if (!file.empty()) return read_passphrase_file(file);
  return ask_passphrase("New passphrase for " + what + ": ", Confirm::kTwice);
}

Result<InitRequest> to_request(const cli::InitOptions& options) {
  InitRequest request;
  request.directory = options.data;
  request.organization = options.organization;
  request.root_key = TRY(crypto::parse_key_type(options.root_key_type));
  request.issuing_key = TRY(crypto::parse_key_type(options.issuing_key_type));
  request.root_lifetime = TRY(parse_duration(options.root_lifetime));
  request.issuing_lifetime = TRY(parse_duration(options.issuing_lifetime));
  request.config.https = TRY(parse_endpoint(options.https_address));
  request.config.http = TRY(parse_endpoint(options.http_address));
  if (!options.names.empty()) request.config.names = options.names;
  request.base_url = TRY(checked_base_url(options.base_url, request.config.http));
  if (!options.dev) {
    request.passphrase = TRY(new_passphrase(options.passphrase_file, "the server's keys"));
    request.root_passphrase = TRY(new_passphrase(options.root_passphrase_file, "the offline root"));
    if (!options.passphrase_file.empty())
      request.config.passphrase_file = absolute(options.passphrase_file);
  }
  return request;
}

void tell(const cli::InitOptions& options, const InitResult& result) {
  const std::string& data = options.data;
  cli::print("Made a PKI in " + data + "\n\n" + "  root CA      " + result.root_subject +
             ", until " + rfc3339(result.root_not_after) + "\n" + "  fingerprint  " +
             result.root_fingerprint + "\n" + "  issuing CA   " + result.issuing_subject +
             ", until " + rfc3339(result.issuing_not_after) + "\n" + "  trust anchor " + data +
             "/root-ca.pem   (give this to clients)\n" + "  root token   " + data +
             "/root-token    (keep it secret)\n" + "  offline root " + data +
             "/offline-root  (move it to a medium that is kept in a safe)\n\n" +
             "Next:\n  chancery serve --config " + data + "/chancery.yaml\n" +
             "  export CHANCERY_TOKEN_FILE=" + data + "/root-token CHANCERY_CACERT=" + data +
             "/root-ca.pem\n" + "  chancery status\n");
}

Result<InitResult> init(const cli::InitOptions& options) {
  const auto request = TRY(to_request(options));
  const SystemClock clock;
  crypto::SystemRandom random;
  const auto log = make_stderr_log(LogFormat::kText, LogLevel::kWarning);
  return initialise(request, clock, random, *log);
}

}  // namespace

cli::Exit run_init(const cli::InitOptions& options, const cli::Common& common) {
  if (options.dev) {
    cli::warn(
        "--dev: the keys are sealed by a file beside them; whoever can read the directory can use "
        "them");
  }
  const auto result = init(options);
  if (!result) return cli::fail_with(result.error());
  if (common.format == cli::Format::kText) {
    tell(options, *result);
  } else {
    cli::print_value({{"directory", options.data},
                      {"root",
                       {{"subject", result->root_subject},
                        {"not_after", rfc3339(result->root_not_after)},
                        {"fingerprint_sha256", result->root_fingerprint}}},
                      {"issuing",
                       {{"subject", result->issuing_subject},
                        {"not_after", rfc3339(result->issuing_not_after)}}}},
                     common.format);
  }
  return cli::Exit::kOk;
}

cli::Exit run_serve(const cli::ServeOptions& options) {
  const SystemClock clock;
  crypto::SystemRandom random;
  const auto result = serve(options.config, options.accept_clock, clock, random);
  return result ? cli::Exit::kOk : cli::fail_with(result.error());
}

}  // namespace chancery::server
