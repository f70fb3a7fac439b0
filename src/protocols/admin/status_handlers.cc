#include "ca/crl_watch.h"
#include "protocols/admin/handlers.h"

namespace chancery::admin {
namespace {

StoreStatus store_status(const Call& call) {
  if (call.options.store_status) return call.options.store_status();
  StoreStatus status;
  status.events = call.use.service.store().log().size();
  return status;
}

}  // namespace

http::Response show_status(Call& call) {
  const StoreStatus store = store_status(call);
  const auto authorities = call.use.service.authorities(call.scope());
  if (!authorities) return failed(call, authorities.error());
  const TimePoint now = call.use.clock.now();

  json::Writer out(1024);
  out.begin_object().field("version", call.options.version);
  out.field("started", rfc3339(call.started)).field("now", rfc3339(now));
  out.field("uptime_seconds", (now - call.started).count());
  out.key("store").begin_object().field("state", store.state);
  if (!store.reason.empty()) out.field("reason", store.reason);
  out.field("events", store.events).field("index_lag", store.index_lag).end_object();
  out.key("authorities").begin_array();
  for (const auto& authority : *authorities) {
    out.begin_object().field("id", authority->id()).field("name", authority->record().name);
    out.field("is_default", authority->record().is_default);
    out.field("has_key", authority->signer() != nullptr);
    out.field("not_after", rfc3339(authority->certificate().not_after())).end_object();
  }
  out.end_array();
  out.field("problems", call.use.service.crl_watch().problems(call.scope())).end_object();
  return answer(200, std::move(out));
}

http::Response show_openapi(Call& call) {
  return http::Response(200, "application/json", call.document);
}

}  // namespace chancery::admin
