#include <type_traits>

#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

namespace chancery::admin {
namespace {

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names{"allow_unknown_cert_revocation",
                                      "crl_shards",
                                      "ocsp_delegate_validity",
                                      "ocsp_delegated",
                                      "ocsp_reuse",
                                      "ocsp_unissued",
                                      "publish_within"};
  const ca::StatusSettings settings;
  ca::StatusSettings::vault_fields(
      settings, [&](std::string_view name, const auto&) { names.push_back(name); });
  return names;
}

void write_settings(json::Writer& out, const ca::StatusSettings& settings) {
  out.begin_object();
  ca::StatusSettings::vault_fields(settings, [&](std::string_view name, const auto& value) {
    if constexpr (std::is_same_v<decltype(value), const bool&>) {
      out.field(name, value);
    } else {
      out.field(name, value.text);
    }
  });
  out.field("allow_unknown_cert_revocation", settings.may_revoke_unknown);
  out.field("crl_shards", static_cast<std::int64_t>(settings.crl_shards));
  out.field("ocsp_delegate_validity", settings.delegate_validity.text);
  out.field("ocsp_delegated", settings.ocsp_delegated);
  out.field("ocsp_reuse", settings.ocsp_reuse.text);
  out.field("ocsp_unissued", ca::name(settings.ocsp_unissued));
  out.field("publish_within", settings.publish_within.text);
  out.end_object();
}

void read_span(json::FieldReader& fields, std::string_view name, ca::Span& span) {
  if (!fields.has(name)) return;
  auto parsed = ca::parse_span(fields.text(name));
  if (parsed) {
    span = *std::move(parsed);
  } else {
    fields.refuse(name, parsed.error().detail);
  }
}

ca::StatusSettings read_settings(json::FieldReader& fields) {
  ca::StatusSettings settings;
  ca::StatusSettings::vault_fields(settings, [&](std::string_view name, auto& value) {
    if constexpr (std::is_same_v<decltype(value), bool&>) {
      value = fields.flag(name, value);
    } else {
      read_span(fields, name, value);
    }
  });
  settings.may_revoke_unknown =
      fields.flag("allow_unknown_cert_revocation", settings.may_revoke_unknown);
  const std::int64_t shards = fields.integer("crl_shards");
  if (shards < 0 || shards > ca::kMostCrlShards) fields.refuse("crl_shards", "it can be 0 to 256");
  settings.crl_shards = static_cast<unsigned>(shards);
  read_span(fields, "ocsp_delegate_validity", settings.delegate_validity);
  settings.ocsp_delegated = fields.flag("ocsp_delegated");
  read_span(fields, "ocsp_reuse", settings.ocsp_reuse);
  const std::string unissued = fields.text("ocsp_unissued", "unknown");
  if (const auto answer = ca::unissued_answer(unissued)) {
    settings.ocsp_unissued = *answer;
  } else {
    fields.refuse("ocsp_unissued", "it can be unknown, revoked or good");
  }
  read_span(fields, "publish_within", settings.publish_within);
  return settings;
}

}  // namespace

http::Response show_crl_settings(Call& call) {
  const auto settings = call.use.service.status_settings().find(call.scope());
  if (!settings) return failed(call, settings.error());
  json::Writer out;
  write_settings(out, *settings);
  return answer(200, std::move(out));
}

http::Response write_crl_settings(Call& call) {
  json::FieldReader fields(call.body);
  const ca::StatusSettings settings = read_settings(fields);
  if (const auto read = finish_strictly(fields, field_names()); !read)
    return failed(call, read.error());
  auto staged =
      call.use.service.status_settings().put(*call.grant, settings, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const ca::StatusSettings& written) {
    json::Writer out;
    write_settings(out, written);
    return answer(200, std::move(out));
  });
}

http::Response rotate_crls(Call& call) {
  json::FieldReader fields(call.body);
  const bool delta = fields.flag("delta");
  if (const auto read = finish_strictly(fields, {"delta"}); !read)
    return failed(call, read.error());
  if (call.context.on_lane() == nullptr) return http::Response::run_on(http::Lane::kCpu);
  const OnLane& on_lane = *call.context.on_lane();
  const auto kind = delta ? ca::CrlKind::kDelta : ca::CrlKind::kComplete;
  if (const auto done = call.use.service.rotate_crls(call.scope(), kind, on_lane); !done)
    return failed(call, done.error());
  const auto authorities = call.use.service.authorities(call.scope());
  if (!authorities) return failed(call, authorities.error());
  json::Writer out;
  out.begin_object().key("crls").begin_array();
  for (const auto& authority : *authorities) {
    if (authority->signer() == nullptr) continue;
    const auto crl = call.use.service.published_crl(authority, kind, &on_lane);
    if (!crl) return failed(call, crl.error());
    out.begin_object().field("authority", authority->id());
    out.field("number", static_cast<std::int64_t>((*crl)->number));
    out.field("this_update", rfc3339((*crl)->this_update));
    out.field("next_update", rfc3339((*crl)->next_update)).end_object();
  }
  out.end_array().end_object();
  return answer(200, std::move(out));
}

}  // namespace chancery::admin
