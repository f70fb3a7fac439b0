#include "base/text.h"
#include "protocols/vault/client_certificate.h"
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

void read_ocsp(json::FieldReader& fields, access::OcspRules& ocsp) {
  ocsp.enabled = fields.flag("ocsp_enabled", ocsp.enabled);
  ocsp.ca_certificates = fields.text("ocsp_ca_certificates", ocsp.ca_certificates);
  ocsp.servers = fields.list("ocsp_servers_override", ocsp.servers);
  std::erase(ocsp.servers, "");
  ocsp.fail_open = fields.flag("ocsp_fail_open", ocsp.fail_open);
  ocsp.query_all_servers = fields.flag("ocsp_query_all_servers", ocsp.query_all_servers);
}

void write_ocsp(json::Writer& out, const access::OcspRules& ocsp) {
  out.field("ocsp_ca_certificates", ocsp.ca_certificates).field("ocsp_enabled", ocsp.enabled);
  out.field("ocsp_fail_open", ocsp.fail_open);
  out.field("ocsp_query_all_servers", ocsp.query_all_servers);
  if (ocsp.servers.empty()) {
    out.key("ocsp_servers_override").null();
  } else {
    out.field("ocsp_servers_override", ocsp.servers);
  }
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
  read_ocsp(fields, role.ocsp);
  TRY(read_token_settings(fields, role.token));
  TRY(fields.finish());
  return {};
}

}  // namespace

http::Response certificate_login(Call& call) {
  json::FieldReader fields(call.body);
  const std::string name = fields.text("name");
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  auto& certificates = call.use.methods.certificates;
  if (const auto lane =
          lane_for(call, [&] { return certificates.asks_network(call.scope(), name); }))
    return http::Response::run_on(*lane);
  return answer_login(
      call, certificates.log_in(login_of(call), client_of(call), name, *call.context.on_lane()));
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
  write_ocsp(out, (*role)->ocsp);
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
        // There are no identities here, and no OCSP answer is kept.
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
