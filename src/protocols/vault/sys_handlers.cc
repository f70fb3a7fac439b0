#include <charconv>

#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"

namespace chancery::vault {
namespace {

// read_status is the status a probe wants for an active node (activecode).
Result<unsigned> read_status(const http::Request& request) {
  const auto given = request.query_value("activecode");
  if (!given) return 200;
  unsigned status = 0;
  const auto [end, code] = std::from_chars(given->data(), given->data() + given->size(), status);
  if (code != std::errc{} || end != given->data() + given->size() || status < 200 || status > 599) {
    return fail(Code::kInvalidArgument, "activecode must be an HTTP status between 200 and 599");
  }
  return status;
}

}  // namespace

// A server that answers is initialized, unsealed and active: it does not listen before.
http::Response sys_health(Call& call) {
  const auto status = read_status(call.request);
  if (!status) return failed(call, status.error());
  if (*status == 204 || *status == 304) return http::Response::empty(*status);
  json::Writer out(512);
  out.begin_object().field("initialized", true).field("sealed", false).field("standby", false);
  out.field("replication_performance_mode", "disabled").field("replication_dr_mode", "disabled");
  out.field("server_time_utc", to_unix(call.use.clock.now()));
  out.field("version", call.options.version).field("cluster_name", call.options.cluster_name);
  out.field("cluster_id", call.options.cluster_id).end_object();
  return bare(*status, std::move(out).take());
}

http::Response sys_seal_status(Call& call) {
  json::Writer out(512);
  out.begin_object().field("type", "software").field("initialized", true).field("sealed", false);
  out.field("t", 0).field("n", 0).field("progress", 0).field("nonce", "");
  out.field("recovery_seal", false).field("version", call.options.version);
  out.field("build_date", "").field("commit_date", "").field("migration", false);
  out.field("cluster_name", call.options.cluster_name).field("cluster_id", call.options.cluster_id);
  out.field("storage_type", "chancery").end_object();
  return bare(200, std::move(out).take());
}

http::Response sys_leader(Call&) { return bare(200, R"({"ha_enabled":false})"); }

http::Response sys_init(Call&) { return bare(200, R"({"initialized":true})"); }

// `chancery init` did it: a server that runs is initialised.
http::Response sys_initialize(Call& call) {
  return failed(call, Error{Code::kInvalidArgument, "Vault is already initialized", {}, {}});
}

}  // namespace chancery::vault
