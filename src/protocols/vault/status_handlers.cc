#include "base/text.h"
#include "protocols/json/field_reader.h"
#include "protocols/json/go_duration.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/warnings.h"

namespace chancery::vault {
namespace {

void write_settings(json::Writer& out, const ca::StatusSettings& settings) {
  out.begin_object();
  out.field("allow_expired_cert_revocation", settings.may_revoke_expired);
  out.field("auto_rebuild", settings.auto_rebuild);
  out.field("auto_rebuild_grace_period", settings.grace_period.text);
  out.field("delta_rebuild_interval", settings.delta_interval.text);
  out.field("disable", settings.crl_disabled);
  out.field("enable_delta", settings.delta_enabled);
  out.field("expiry", settings.crl_validity.text);
  out.field("ocsp_disable", settings.ocsp_disabled);
  out.field("ocsp_expiry", settings.ocsp_validity.text);
  out.end_object();
}

void read_span(json::FieldReader& fields, std::string_view name, ca::Span& span) {
  if (!fields.has(name)) return;
  const std::string text = fields.text(name);
  auto parsed = ca::parse_span(text);
  if (parsed) {
    span = *std::move(parsed);
    return;
  }
  fields.refuse_with(name, Error{Code::kInvalidArgument,
                                 "given " + std::string(name) +
                                     " could not be decoded: " + json::go_duration_error(text),
                                 {},
                                 {}}
                               .with("field", name));
}

// read_settings changes what the request names.
void read_settings(json::FieldReader& fields, ca::StatusSettings& settings) {
  read_span(fields, "expiry", settings.crl_validity);
  settings.crl_disabled = fields.flag("disable", settings.crl_disabled);
  read_span(fields, "ocsp_expiry", settings.ocsp_validity);
  settings.ocsp_disabled = fields.flag("ocsp_disable", settings.ocsp_disabled);
  settings.auto_rebuild = fields.flag("auto_rebuild", settings.auto_rebuild);
  read_span(fields, "auto_rebuild_grace_period", settings.grace_period);
  settings.delta_enabled = fields.flag("enable_delta", settings.delta_enabled);
  read_span(fields, "delta_rebuild_interval", settings.delta_interval);
  settings.may_revoke_expired =
      fields.flag("allow_expired_cert_revocation", settings.may_revoke_expired);
}

http::Response rotated(Call& call, ca::CrlKind kind) {
  if (call.context.on_lane() == nullptr) return http::Response::run_on(http::Lane::kCpu);
  const auto done = call.use.service.rotate_crls(call.scope(), kind, *call.context.on_lane());
  if (!done) return failed(call, done.error());
  Envelope answer(call.request.request_id);
  answer.data().begin_object().field("success", true).end_object();
  return std::move(answer).finish();
}

}  // namespace

http::Response read_crl_settings(Call& call) {
  const auto settings = call.use.service.status_settings().find(call.scope());
  if (!settings) return failed(call, settings.error());
  Envelope answer(call.request.request_id);
  write_settings(answer.data(), *settings);
  return std::move(answer).finish();
}

http::Response write_crl_settings(Call& call) {
  auto settings = call.use.service.status_settings().find(call.scope());
  if (!settings) return failed(call, settings.error());
  json::FieldReader fields(call.body);
  read_settings(fields, *settings);
  const auto unknown = fields.finish();
  if (!unknown) return failed(call, field_error(unknown.error()));
  auto staged = call.use.service.status_settings().put(*call.grant, *std::move(settings),
                                                       call.request.request_id);
  if (!staged) return failed(call, staged.error());
  std::vector<std::string> warnings;
  warn_of_unknown(warnings, *unknown);
  return after_commit(call, *std::move(staged),
                      [&id = call.request.request_id, warnings](const ca::StatusSettings& written) {
                        Envelope answer(id);
                        write_settings(answer.data(), written);
                        return std::move(answer).finish(warnings);
                      });
}

http::Response rotate_crl(Call& call) { return rotated(call, ca::CrlKind::kComplete); }

http::Response rotate_delta_crl(Call& call) {
  const auto settings = call.use.service.status_settings().find(call.scope());
  if (!settings) return failed(call, settings.error());
  if (settings->delta_enabled) return rotated(call, ca::CrlKind::kDelta);
  Envelope answer(call.request.request_id);
  answer.data().begin_object().field("success", true).end_object();
  return std::move(answer).finish(
      {"requested rebuild of delta CRL when delta CRL is not enabled; this is a no-op"});
}

}  // namespace chancery::vault
