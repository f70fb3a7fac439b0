#include "base/text.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/login_answer.h"
#include "protocols/vault/page.h"
#include "protocols/vault/token_settings_fields.h"
#include "protocols/vault/warnings.h"

// auth/cert.

namespace chancery::vault {
namespace {

using access::CertificateRole;
using Rows = access::Rows<CertificateRole>;

constexpr std::size_t kMostRoles = 100'000;

std::string role_of(const Call& call) { return to_lower(call.variable()); }

// The lists of a role, by their names in Vault's API.
template <class Role, class Visit>
void visit_lists(Role& role, Visit&& visit) {
  visit("allowed_common_names", role.common_names);
  visit("allowed_dns_sans", role.dns_names);
  visit("allowed_email_sans", role.emails);
  visit("allowed_metadata_extensions", role.metadata_extensions);
  visit("allowed_names", role.names);
  visit("allowed_organizational_units", role.units);
  visit("allowed_uri_sans", role.uris);
  visit("required_extensions", role.extensions);
}

// What asks an OCSP responder is refused rather than ignored: who asks for it relies on it.
Result<void> refuse_ocsp(json::FieldReader& fields) {
  const bool wanted = fields.flag("ocsp_enabled");
  for (const char* field : {"ocsp_fail_open", "ocsp_query_all_servers"})
    static_cast<void>(fields.flag(field));
  static_cast<void>(fields.text("ocsp_ca_certificates"));
  static_cast<void>(fields.list("ocsp_servers_override"));
  if (!wanted) return {};
  return std::unexpected(
      Error{Code::kUnsupported, "client certificates are not checked by OCSP here", {}, {}}.with(
          "field", "ocsp_enabled"));
}

Result<void> read_role(json::FieldReader& fields, CertificateRole& role) {
  role.certificate = fields.text("certificate", role.certificate);
  role.display_name = fields.text("display_name", role.display_name);
  visit_lists(role, [&](const char* name, std::vector<std::string>& list) {
    list = fields.list(name, list);
    std::erase(list, "");
  });
  static_cast<void>(fields.text("name"));
  static_cast<void>(fields.text("lease"));
  TRY(refuse_ocsp(fields));
  TRY(read_token_settings(fields, role.token));
  TRY(fields.finish());
  return {};
}

}  // namespace

http::Response certificate_login(Call& call) {
  if (!call.context.on(http::Lane::kCpu)) return http::Response::run_on(http::Lane::kCpu);
  json::FieldReader fields(call.body);
  const std::string name = fields.text("name");
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  return answer_login(call, call.use.methods.certificates.log_in(
                                login_of(call), call.request.peer_certificate, name));
}

http::Response list_certificate_roles(Call& call) {
  const auto page = read_page(call.body, kMostRoles);
  if (!page) return failed(call, field_error(page.error()));
  const auto names =
      call.use.methods.certificates.rows().list(call.scope(), page->after, page->limit);
  if (!names) return failed(call, names.error());
  return names_answer(call.request.request_id, *names);
}

http::Response read_certificate_role(Call& call) {
  const auto role = call.use.methods.certificates.rows().find(call.scope(), role_of(call));
  if (!role) return failed(call, role.error());
  if (!*role) return absent();
  Envelope answer(call.request.request_id, 4096);
  json::Writer& out = answer.data().begin_object();
  visit_lists(**role, [&](const char* name, const std::vector<std::string>& list) {
    if (list.empty()) {
      out.key(name).null();
    } else {
      out.field(name, list);
    }
  });
  out.field("certificate", (*role)->certificate).field("display_name", (*role)->display_name);
  out.field("ocsp_ca_certificates", "").field("ocsp_enabled", false);
  out.field("ocsp_fail_open", false).field("ocsp_query_all_servers", false);
  out.key("ocsp_servers_override").null();
  write_token_settings(out, (*role)->token);
  out.end_object();
  return std::move(answer).finish();
}

http::Response write_certificate_role(Call& call) {
  auto staged = call.use.methods.certificates.put(
      *call.grant, call.scope(), call.variable(),
      [&](CertificateRole& role, Rows::State) {
        json::FieldReader fields(call.body);
        return read_role(fields, role);
      },
      call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const CertificateRole&) { return no_content(); });
}

http::Response delete_certificate_role(Call& call) {
  auto staged = call.use.methods.certificates.rows().erase(*call.grant, call.scope(), role_of(call),
                                                           call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) { return no_content(); });
}

http::Response read_certificate_config(Call& call) {
  const auto config =
      call.use.methods.certificates.configs().find(call.scope(), access::CertificateConfig::kName);
  if (!config) return failed(call, config.error());
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object();
  out.field("disable_binding", *config && (*config)->disable_binding);
  out.field("enable_identity_alias_metadata", false).field("ocsp_cache_size", 0).end_object();
  return std::move(answer).finish();
}

http::Response write_certificate_config(Call& call) {
  using Configs = access::Rows<access::CertificateConfig>;
  auto staged = call.use.methods.certificates.configs().put(
      *call.grant, call.scope(), access::CertificateConfig::kName,
      [&](access::CertificateConfig& config, Configs::State, record::WriteSet&) -> Result<void> {
        json::FieldReader fields(call.body);
        config.disable_binding = fields.flag("disable_binding", config.disable_binding);
        // There are no identities here, and nobody is asked by OCSP.
        static_cast<void>(fields.flag("enable_identity_alias_metadata"));
        static_cast<void>(fields.integer("ocsp_cache_size"));
        TRY(fields.finish());
        return {};
      },
      call.request.request_id);
  if (!staged) return failed(call, field_error(staged.error()));
  return after_commit(call, *std::move(staged),
                      [](const access::CertificateConfig&) { return no_content(); });
}

}  // namespace chancery::vault
