#include "protocols/json/field_reader.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/issue_answer.h"
#include "protocols/vault/warnings.h"

namespace chancery::vault {
namespace {

// Asked is a request to issue or sign, read.
struct Asked {
  enrol::EnrolRequest request;
  AnswerForm form;
  std::vector<std::string> unknown;
};

std::vector<std::string> without_blanks(std::vector<std::string> items) {
  std::erase(items, "");
  return items;
}

policy::IssueRequest read_content(json::FieldReader& fields) {
  policy::IssueRequest content;
  content.common_name = fields.text("common_name");
  content.alt_names = without_blanks(fields.list("alt_names"));
  content.ip_sans = without_blanks(fields.list("ip_sans"));
  content.uri_sans = without_blanks(fields.list("uri_sans"));
  content.other_sans = without_blanks(fields.list("other_sans"));
  content.serial_number = fields.text("serial_number");
  content.user_ids = without_blanks(fields.list("user_ids"));
  const seconds ttl = fields.duration("ttl");
  if (ttl.count() > 0) content.ttl = ttl;
  content.not_before = fields.time("not_before");
  content.not_after = fields.time("not_after");
  content.exclude_cn_from_sans = fields.flag("exclude_cn_from_sans");
  (void)fields.has("issuer_ref");  // allowed, and without effect on a role's path
  return content;
}

http::Response enrol_and_answer(Call& call, Asked asked) {
  const bool on_cpu = call.context.on(http::Lane::kCpu);
  auto enrolled = call.use.enrolment.enrol(
      std::move(*call.grant), asked.request,
      on_cpu ? enrol::Thread::kCpuLane : enrol::Thread::kReactor, call.request.request_id);
  if (!enrolled) return failed(call, issuer_error(enrolled.error()));
  if (!*enrolled) return http::Response::run_on(http::Lane::kCpu);

  auto held = std::make_shared<enrol::Enrolled>(**std::move(enrolled));
  if (call.variables.count == 2 && call.body.find("issuer_ref") != nullptr) {
    held->warnings.emplace_back(
        "Endpoint replaced the value of these parameters with the values captured from the "
        "endpoint's path: [issuer_ref]");
  }
  warn_of_unknown(held->warnings, asked.unknown);
  Ticket ticket = held->issued.submit(call.use.service.store().committer());
  return http::Response::after(
      std::move(ticket), [held, form = asked.form, &request = call.request,
                          &log = call.use.log](const Result<Receipt>& receipt) {
        if (!receipt) return failed(request, log, receipt.error());
        auto answer =
            issue_answer(request.request_id, held->issued.release(*receipt),
                         held->private_key ? &*held->private_key : nullptr, form, held->warnings);
        return answer ? *std::move(answer) : failed(request, log, answer.error());
      });
}

// read_asked reads what issue and sign have in common; `read_key` the key part.
template <class ReadKey>
Result<Asked> read_asked(const Call& call, ReadKey read_key) {
  json::FieldReader fields(call.body);
  Asked asked;
  // The path is issue/{role} or issuer/{ref}/issue/{role}.
  const bool names_issuer = call.variables.count == 2;
  asked.request.role = call.variable(names_issuer ? 1 : 0);
  if (names_issuer) asked.request.issuer_ref = call.variable();
  (void)fields.has("role");  // a field of Vault's schema: the path's wins
  asked.request.key = read_key(fields);
  asked.request.content = read_content(fields);
  asked.form = TRY(read_form(fields, Keystores::kAllowed));
  auto unknown = fields.finish();
  if (!unknown) return std::unexpected(field_error(std::move(unknown).error()));
  asked.unknown = *std::move(unknown);
  return asked;
}

}  // namespace

http::Response issue(Call& call) {
  // OpenBao ignores the request and answers with a key of its own; whoever sends one means sign.
  if (call.body.find("csr") != nullptr) {
    return failed(call, bad_field("csr",
                                  "issue makes a new key and takes no \"csr\"; to have a "
                                  "certificate request signed use sign/" +
                                      std::string(call.variable(call.variables.count - 1))));
  }
  auto asked = read_asked(call, [](json::FieldReader& fields) -> enrol::ServerKey {
    const std::int64_t bits = fields.integer("key_bits");
    if (bits < 0 || bits > 65'536) fields.refuse("key_bits", "out of range");
    return {fields.text("key_type"), static_cast<unsigned>(bits)};
  });
  return asked ? enrol_and_answer(call, *std::move(asked)) : failed(call, asked.error());
}

http::Response sign(Call& call) {
  auto asked = read_asked(
      call, [](json::FieldReader& fields) -> enrol::ClientKey { return {fields.text("csr")}; });
  return asked ? enrol_and_answer(call, *std::move(asked)) : failed(call, asked.error());
}

}  // namespace chancery::vault
