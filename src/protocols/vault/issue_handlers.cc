#include <algorithm>

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

Error bad_field(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

constexpr std::size_t kMaxPassword = 256;
constexpr std::size_t kMaxAlias = 128;

// What would fail only when the certificate is issued is refused before.
Result<void> check_keystore(const AnswerForm& form) {
  const bool jks = form.format == AnswerForm::Format::kJks;
  const Keystore& store = form.keystore;
  const std::string_view field = jks ? "jks_password" : "pkcs12_password";
  if (store.password.size() > kMaxPassword)
    return std::unexpected(bad_field(field, std::string(field) + " is too long"));
  if (jks && store.password.empty())
    return std::unexpected(bad_field(field, "a JKS needs a password"));
  const auto plain = [](char c) { return c > ' ' && c < 0x7f; };
  if (store.alias.empty() || store.alias.size() > kMaxAlias ||
      !std::ranges::all_of(store.alias, plain)) {
    return std::unexpected(
        bad_field("jks_private_key_alias", "jks_private_key_alias must be plain ASCII"));
  }
  return {};
}

Result<void> read_keystore(json::FieldReader& fields, AnswerForm& form) {
  Keystore& store = form.keystore;
  const std::string pkcs12 = fields.text("pkcs12_password", store.password);
  const std::string jks = fields.text("jks_password", store.password);
  const std::string encoder = fields.text("pkcs12_encoder", "modern2026");
  store.alias = fields.text("jks_private_key_alias", store.alias);
  if (!form.is_keystore()) return {};
  store.password = form.format == AnswerForm::Format::kJks ? jks : pkcs12;
  store.pbmac1 = encoder == "modern2026";
  if (!store.pbmac1 && encoder != "modern2023") {
    return std::unexpected(bad_field(
        "pkcs12_encoder", R"(the "pkcs12_encoder" must be "modern2026" or "modern2023")"));
  }
  return check_keystore(form);
}

Result<AnswerForm> read_form(json::FieldReader& fields) {
  AnswerForm form;
  const std::string format = fields.text("format", "pem");
  const std::string key_format = fields.text("private_key_format", "der");
  form.without_roots = fields.flag("remove_roots_from_chain");
  if (format == "pem" || format.empty()) {
    form.format = AnswerForm::Format::kPem;
  } else if (format == "der") {
    form.format = AnswerForm::Format::kDer;
  } else if (format == "pem_bundle") {
    form.format = AnswerForm::Format::kPemBundle;
  } else if (format == "pkcs12_bundle") {
    form.format = AnswerForm::Format::kPkcs12;
  } else if (format == "jks_bundle") {
    form.format = AnswerForm::Format::kJks;
  } else {
    return std::unexpected(bad_field(
        "format", R"(the "format" path parameter must be "pem", "der", or "pem_bundle")"));
  }
  form.pkcs8 = key_format == "pkcs8";
  if (!form.pkcs8 && key_format != "der" && key_format != "pem" && !key_format.empty()) {
    return std::unexpected(bad_field(
        "private_key_format", R"(the "private_key_format" must be "der", "pem", or "pkcs8")"));
  }
  TRY(read_keystore(fields, form));
  return form;
}

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
  if (!enrolled) return failed(call, enrolled.error());
  if (!*enrolled) return http::Response::run_on(http::Lane::kCpu);

  auto held = std::make_shared<enrol::Enrolled>(**std::move(enrolled));
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
  asked.request.role = call.variable();
  (void)fields.has("role");  // a field of Vault's schema: the path's wins
  asked.request.key = read_key(fields);
  asked.request.content = read_content(fields);
  asked.form = TRY(read_form(fields));
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
                                      std::string(call.variable())));
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
