#include <type_traits>

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
  ca::StatusSettings::vault_fields(settings, [&](std::string_view name, const auto& value) {
    if constexpr (std::is_same_v<decltype(value), const bool&>) {
      out.field(name, value);
    } else {
      out.field(name, value.text);
    }
  });
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
  ca::StatusSettings::vault_fields(settings, [&](std::string_view name, auto& value) {
    if constexpr (std::is_same_v<decltype(value), bool&>) {
      value = fields.flag(name, value);
    } else {
      read_span(fields, name, value);
    }
  });
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
  std::vector<std::string> warnings;
  const auto change = [&](ca::StatusSettings& settings) -> Result<void> {
    json::FieldReader fields(call.body);
    read_settings(fields, settings);
    const auto unknown = fields.finish();
    if (!unknown) return std::unexpected(field_error(unknown.error()));
    warn_of_unknown(warnings, *unknown);
    return {};
  };
  auto staged =
      call.use.service.status_settings().change(*call.grant, change, call.request.request_id);
  if (!staged) return failed(call, staged.error());
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
