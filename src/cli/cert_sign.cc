#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/issuance.h"
#include "cli/report.h"
#include "cli/request_maker.h"
#include "cli/tool_verbs.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRequest = 1024 * 1024;

Result<json::object> sign(const SignOptions& options, const Common& common) {
  const auto client = TRY(AdminClient::open(common.connection));
  // Looked at before the server is asked, so that a wrong file is told as such.
  const Bytes content = TRY(os::read_file(options.csr, kMaxRequest));
  const auto request = TRY(read_request(content, options.csr));
  json::object body{{"role", options.role}, {"csr", request.to_pem()}};
  if (!options.common_name.empty()) body["common_name"] = options.common_name;
  if (!options.names.empty()) body["names"] = plain_names(TRY(parse_names(options.names)));
  if (!options.ttl.empty()) body["ttl"] = options.ttl;
  return client.post("/certificates", body);
}

}  // namespace

Exit cert_sign(const SignOptions& options, const Common& common) {
  if (!options.out.empty() && !options.force && os::exists(options.out)) {
    return fail_with(
        Error{Code::kAlreadyExists, "the file exists; use --force to overwrite it", {}, {}}.with(
            "path", options.out));
  }
  auto answer = sign(options, common);
  if (!answer) return fail_with(answer.error());
  warn_of(*answer);
  const std::string pem = certificate_pem(*answer, !options.leaf_only);
  if (!options.out.empty()) {
    const auto written = write_output(options.out, as_bytes(pem), Secrecy::kPublic, options.force);
    if (!written) return fail_with(written.error());
    (*answer)["certificate_file"] = options.out;
  }
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
  } else if (options.out.empty()) {
    print(pem);
  } else {
    print("Signed " + text_of(*answer, "serial_number") + ", valid until " +
          text_of(*answer, "not_after") + "\n  certificate  " + options.out + "\n");
  }
  return Exit::kOk;
}

}  // namespace chancery::cli
