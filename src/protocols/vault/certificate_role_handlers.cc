#include "base/text.h"
#include "protocols/json/certificate_role_fields.h"
#include "protocols/vault/client_certificate.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/login_answer.h"
#include "protocols/vault/page.h"
#include "protocols/vault/warnings.h"

// auth/cert.

namespace chancery::vault {
namespace {

using access::CertificateRole;
using Rows = access::Rows<CertificateRole>;

constexpr std::size_t kMostRoles = 100'000;

std::string role_of(const Call& call) { return to_lower(call.variable()); }

Result<void> read_role(json::FieldReader& fields, CertificateRole& role) {
  static_cast<void>(fields.text("name"));
  static_cast<void>(fields.text("lease"));
  TRY(json::read_certificate_role(fields, role));
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
  json::write_certificate_role(out, **role);
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
