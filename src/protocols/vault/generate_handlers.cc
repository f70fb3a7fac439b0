#include "asn1/pem.h"
#include "base/text.h"
#include "protocols/vault/authority_fields.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/warnings.h"

// Roots, and requests for certificates of authorities to come.
namespace chancery::vault {
namespace {

// Asked is a request to make an authority or a request for one, read.
struct Asked {
  policy::AuthorityRequest request;
  KeyChoice key;
  AnswerForm form;
  std::string issuer_name;
  bool names_issuer = false;
  bool add_basic_constraints = false;
  std::vector<std::string> unknown;
};

Result<Asked> read_asked(const Call& call, std::string_view kind) {
  json::FieldReader fields(call.body);
  Asked asked;
  auto key = read_key_choice(fields, kind);
  asked.request = read_authority_request(fields);
  auto form = read_form(fields);
  asked.names_issuer = !fields.text("issuer_name").empty();
  asked.issuer_name = fields.text("issuer_name");
  asked.add_basic_constraints = fields.flag("add_basic_constraints");
  auto unknown = fields.finish();
  if (!unknown) return std::unexpected(field_error(std::move(unknown).error()));
  asked.key = TRY(std::move(key));
  asked.form = TRY(std::move(form));
  asked.unknown = *std::move(unknown);
  return asked;
}

// KeyText is the key of an "exported" answer, in the form asked for.
struct KeyText {
  std::optional<SecretText> text;
  std::optional<SecretText> bundled;  // before the certificate of a bundle
  std::string_view type;
  [[nodiscard]] std::size_t size() const {
    return (text ? text->view().size() : 0) + (bundled ? bundled->view().size() : 0);
  }
};

Result<KeyText> read_key_text(const ca::AuthorityKey& key, const Asked& asked) {
  KeyText text;
  text.type = key_type_name(key.public_key().type());
  if (asked.key.kind != KeyChoice::Kind::kExported) return text;
  text.text.emplace(TRY(private_key_text(*key.made, asked.form)));
  if (asked.form.format == AnswerForm::Format::kPemBundle) {
    text.bundled.emplace(TRY(private_key_text(*key.made, {})));
  }
  return text;
}

// What was made, as PEM, as base64 of its DER, or behind its key.
SecretText object_text(std::string_view label, BytesView der, const KeyText& key,
                       const Asked& asked) {
  if (asked.form.format == AnswerForm::Format::kDer) return SecretText(base64(der));
  const std::string pem = asn1::pem(label, der);
  std::string text;
  text.reserve(key.size() + pem.size());
  if (key.bundled) text += key.bundled->view();
  text += without_newline(pem);
  return SecretText(std::move(text));
}

void write_private_key(json::Writer& out, const KeyText& key) {
  if (!key.text) return;
  out.field("private_key", without_newline(key.text->view()));
  out.field("private_key_type", key.type);
}

http::Response root_answer(std::string_view request_id, const ca::Hierarchy::Created& created,
                           const ca::AuthorityKey& key, const Asked& asked,
                           const std::vector<std::string>& warnings) {
  const auto key_text = read_key_text(key, asked);
  if (!key_text) return error_answer(request_id, key_text.error());
  const x509::Certificate& certificate = created.authority->certificate();
  const SecretText text = object_text("CERTIFICATE", certificate.der(), *key_text, asked);
  Envelope answer(request_id, 4096 + 3 * (text.view().size() + key_text->size()));
  json::Writer& out = answer.data().begin_object();
  out.field("certificate", text.view());
  out.field("expiration", to_unix(certificate.not_after()));
  out.field("issuer_id", created.authority->id());
  out.field("issuer_name", created.authority->record().name);
  const bool der = asked.form.format == AnswerForm::Format::kDer;
  out.field("issuing_ca", der ? base64(certificate.der()) : created.authority->chain_pem().front());
  out.field("key_id", created.key.id).field("key_name", created.key.name);
  write_private_key(out, *key_text);
  out.field("serial_number", serial_text(certificate.serial())).end_object();
  http::Response response = std::move(answer).finish(warnings);
  return key_text->text ? std::move(response).secret() : std::move(response);
}

http::Response make_root(Call& call, Asked asked) {
  auto chosen = chosen_key(call, asked.key);
  if (!chosen) return failed(call, chosen.error());
  auto key = std::make_shared<ca::AuthorityKey>(*std::move(chosen));
  asked.request.content.generated_key = key->public_key();
  auto decision =
      policy::authorize_root(*std::move(call.grant), asked.request,
                             call.use.enrolment.roles().limits(call.scope()), call.use.clock.now());
  if (!decision) return failed(call, decision.error());
  auto staged = hierarchy(call).create_root(std::move(decision->authorization), *key,
                                            asked.issuer_name, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  std::vector<std::string> warnings = std::move(decision->warnings);
  const auto urls = hierarchy(call).urls(call.scope());
  if (urls && urls->empty()) {
    const bool of_path = !warnings.empty() && warnings.back().starts_with("Max path length");
    warnings.insert(of_path ? warnings.end() - 1 : warnings.end(), std::string(urls_warning()));
  }
  warn_of_unknown(warnings, asked.unknown);
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, key, asked = std::move(asked),
                       warnings = std::move(warnings)](const ca::Hierarchy::Created& created) {
                        return root_answer(id, created, *key, asked, warnings);
                      });
}

http::Response request_answer(std::string_view request_id,
                              const ca::Hierarchy::Requested& requested,
                              const ca::AuthorityKey& key, const Asked& asked,
                              const std::vector<std::string>& warnings) {
  const auto key_text = read_key_text(key, asked);
  if (!key_text) return error_answer(request_id, key_text.error());
  const SecretText text = object_text("CERTIFICATE REQUEST", requested.csr, *key_text, asked);
  Envelope answer(request_id, 2048 + 3 * (text.view().size() + key_text->size()));
  json::Writer& out = answer.data().begin_object();
  out.field("csr", text.view()).field("key_id", requested.key.id);
  write_private_key(out, *key_text);
  out.end_object();
  http::Response response = std::move(answer).finish(warnings);
  return key_text->text ? std::move(response).secret() : std::move(response);
}

http::Response make_request(Call& call, std::string_view kind) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto asked = read_asked(call, kind);
  if (!asked) return failed(call, asked.error());
  auto chosen = chosen_key(call, asked->key);
  if (!chosen) return failed(call, chosen.error());
  auto key = std::make_shared<ca::AuthorityKey>(*std::move(chosen));
  asked->request.content.generated_key = key->public_key();
  std::vector<std::string> warnings;
  const auto content =
      policy::requested_content(asked->request, call.use.enrolment.roles().limits(call.scope()),
                                call.use.clock.now(), warnings);
  if (!content) return failed(call, content.error());
  auto staged = hierarchy(call).request(*call.grant, *key, *content, asked->add_basic_constraints,
                                        call.request.request_id);
  if (!staged) return failed(call, staged.error());
  const auto urls = hierarchy(call).urls(call.scope());
  if (urls && urls->empty()) warnings.emplace_back(urls_warning(true));
  warn_of_unknown(warnings, asked->unknown);
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, key, asked = *std::move(asked),
                       warnings = std::move(warnings)](const ca::Hierarchy::Requested& requested) {
                        return request_answer(id, requested, *key, asked, warnings);
                      });
}

}  // namespace

http::Response generate_root(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto asked = read_asked(call, call.variable());
  if (!asked) return failed(call, asked.error());
  const auto free = hierarchy(call).check_issuer_name(call.scope(), asked->issuer_name);
  if (!free) return failed(call, free.error());
  return make_root(call, *std::move(asked));
}

// A rotated root is called "next", where nothing else is, until root/replace makes it the default.
http::Response rotate_root(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto asked = read_asked(call, call.variable());
  if (!asked) return failed(call, asked.error());
  if (!asked->names_issuer) asked->issuer_name = "next";
  const auto free = hierarchy(call).check_issuer_name(call.scope(), asked->issuer_name);
  if (!free && asked->names_issuer) return failed(call, free.error());
  if (!free) asked->issuer_name.clear();
  return make_root(call, *std::move(asked));
}

http::Response generate_intermediate(Call& call) { return make_request(call, call.variable()); }

http::Response cross_sign(Call& call) { return make_request(call, "existing"); }

http::Response delete_root(Call& call) {
  if (needs_lane(call)) return http::Response::run_on(http::Lane::kCpu);
  auto staged = hierarchy(call).erase_all(*call.grant, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id,
       &mount = hierarchy(call)](const std::vector<std::string>& key_ids) {
        mount.destroy(key_ids);
        return no_data(id, {"DELETE /root deletes all keys and issuers; prefer the new DELETE "
                            "/key/:key_ref and DELETE /issuer/:issuer_ref for finer granularity, "
                            "unless removal of all keys and issuers is desired."});
      });
}

}  // namespace chancery::vault
