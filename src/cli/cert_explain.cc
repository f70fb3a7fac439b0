#include <boost/json.hpp>

#include "cli/admin_client.h"
#include "cli/issuance.h"
#include "cli/report.h"
#include "cli/request_maker.h"
#include "cli/verbs.h"
#include "os/file.h"

namespace chancery::cli {
namespace {

namespace json = boost::json;

Result<std::string> csr_of(const IssueOptions& options) {
  if (options.csr.empty())
    return fail(Code::kInvalidArgument, "give the request with --csr: no role makes one here");
  const Bytes text = TRY(os::read_file(options.csr, 1024 * 1024));
  return std::string(as_text(text));
}

// Question is what the server is asked, and where.
struct Question {
  std::string path;
  json::object body;
};

// One about a request that no role judges.
Result<Question> signing_question(const IssueOptions& options) {
  Question question;
  question.path = "/authorities/" + encode_query(options.issuer);
  question.path += options.intermediate ? "/sign/explain" : "/sign-verbatim/explain";
  question.body["csr"] = TRY(csr_of(options));
  if (!options.ttl.empty()) question.body["ttl"] = options.ttl;
  if (options.verbatim) {
    if (!options.role.empty()) question.body["role"] = options.role;
  } else if (options.common_name.empty()) {
    question.body["use_csr_values"] = true;
  } else {
    question.body["common_name"] = options.common_name;
  }
  return question;
}

// The request as `cert issue` would send it; without a request file the server's key stands in for
// the one that would be made here.
Result<json::object> request_of(const IssueOptions& options) {
  json::object request;
  request.emplace(options.profile.empty() ? "role" : "profile",
                  options.profile.empty() ? options.role : options.profile);
  if (!options.ttl.empty()) request["ttl"] = options.ttl;
  if (!options.csr.empty()) {
    const Bytes text = TRY(os::read_file(options.csr, 1024 * 1024));
    request["csr"] = as_text(text);
    return request;
  }
  if (options.server_key) {
    request["server_key"] = true;
    if (!options.common_name.empty()) request["common_name"] = options.common_name;
    if (!options.names.empty()) request["names"] = plain_names(TRY(parse_names(options.names)));
    return request;
  }
  const crypto::KeyType type = TRY(crypto::parse_key_type(options.key_type));
  const auto key = TRY(crypto::PrivateKey::generate(type));
  request["csr"] = TRY(make_request(key, options.common_name, options.names));
  return request;
}

Result<Question> question_of(const IssueOptions& options) {
  if (options.intermediate || options.verbatim) return signing_question(options);
  return Question{"/certificates/explain", TRY(request_of(options))};
}

void print_finding(const json::object& finding) {
  const std::string verdict = text_of(finding, "verdict");
  const std::string_view sign = verdict == "allows"    ? "  yes  "
                                : verdict == "refuses" ? "  NO   "
                                                       : "  -    ";
  const std::string field = text_of(finding, "field");
  std::string line = std::string(sign) + text_of(finding, "rule");
  if (!field.empty()) line += " (" + field + ")";
  if (finding.contains("detail")) line += ": " + text_of(finding, "detail");
  print(line + "\n");
}

}  // namespace

Exit cert_explain(const IssueOptions& options, const Common& common) {
  const auto client = AdminClient::open(common.connection);
  if (!client) return fail_with(client.error());
  const auto question = question_of(options);
  if (!question) return fail_with(question.error());
  const auto answer = client->post(question->path, question->body);
  if (!answer) return fail_with(answer.error());
  const bool allowed = answer->at("allowed").as_bool();
  if (common.format != Format::kText) {
    print_value(*answer, common.format);
    return allowed ? Exit::kOk : Exit::kFailed;
  }
  for (const json::value& finding : answer->at("findings").as_array()) {
    print_finding(finding.as_object());
  }
  warn_of(*answer);
  if (allowed) {
    print("Would be issued to \"" + text_of(*answer, "subject") + "\", valid until " +
          text_of(*answer, "not_after") + "\n");
  } else {
    print("Would be refused\n");
  }
  return allowed ? Exit::kOk : Exit::kFailed;
}

}  // namespace chancery::cli
