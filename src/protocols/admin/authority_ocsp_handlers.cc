#include "ca/hierarchy.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

namespace chancery::admin {
namespace {

// What holds for the authority, and which of it is its own.
http::Response tell(const ca::StatusSettings& mount, const ca::Authority& authority) {
  const ca::AuthorityRecord& record = authority.record();
  json::Writer out;
  out.begin_object().field("authority", authority.id());
  out.field("delegated", record.ocsp_delegated.value_or(mount.ocsp_delegated));
  out.field("delegated_inherited", !record.ocsp_delegated);
  out.field("delegate_validity", record.delegate_validity
                                     ? format_duration(*record.delegate_validity)
                                     : mount.delegate_validity.text);
  out.field("delegate_validity_inherited", !record.delegate_validity).end_object();
  return answer(200, std::move(out));
}

}  // namespace

http::Response show_authority_ocsp(Call& call) {
  const auto authority = call.use.service.authority(call.scope(), call.variables[0]);
  if (!authority) return failed(call, authority.error());
  const auto mount = call.use.service.status_settings().find(call.scope());
  if (!mount) return failed(call, mount.error());
  return tell(*mount, **authority);
}

http::Response write_authority_ocsp(Call& call) {
  json::FieldReader fields(call.body);
  ca::IssuerChange change;
  change.ocsp_delegated.emplace();
  change.delegate_validity.emplace();
  if (fields.has("delegated")) *change.ocsp_delegated = fields.flag("delegated");
  if (fields.has("delegate_validity")) {
    const auto span = ca::parse_span(fields.text("delegate_validity"));
    if (!span) fields.refuse("delegate_validity", span.error().detail);
    if (span) *change.delegate_validity = span->value;
  }
  if (const auto read = finish_strictly(fields, {"delegated", "delegate_validity"}); !read)
    return failed(call, read.error());
  if (!call.context.on(http::Lane::kCpu)) return http::Response::run_on(http::Lane::kCpu);
  const auto mount = call.use.service.status_settings().find(call.scope());
  if (!mount) return failed(call, mount.error());
  auto staged = call.use.service.hierarchy().change_issuer(*call.grant, call.variables[0], change,
                                                           call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [mount = *mount](const std::shared_ptr<const ca::Authority>& changed) {
                        return tell(mount, *changed);
                      });
}

}  // namespace chancery::admin
