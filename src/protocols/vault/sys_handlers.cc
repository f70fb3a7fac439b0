#include <charconv>

#include "base/text.h"
#include "crypto/digest.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"

namespace chancery::vault {
namespace {

// The mount's own names, derived so that they stay what they are: nothing is stored of a mount.
std::string mount_digest(const VaultOptions& options) {
  return hex(crypto::sha256(as_bytes(options.cluster_id), as_bytes(options.scope.mount)));
}

std::string mount_uuid(const VaultOptions& options) {
  const std::string digest = mount_digest(options);
  return digest.substr(0, 8) + "-" + digest.substr(8, 4) + "-8" + digest.substr(13, 3) + "-8" +
         digest.substr(17, 3) + "-" + digest.substr(20, 12);
}

void write_mount_members(json::Writer& out, const Call& call) {
  const policy::Limits& limits = call.use.enrolment.roles().limits();
  out.field("accessor", "pki_" + mount_digest(call.options).substr(0, 8));
  out.key("config").begin_object();
  out.field("default_lease_ttl", limits.default_ttl.count()).field("force_no_cache", false);
  out.field("max_lease_ttl", limits.max_ttl.count()).end_object();
  out.field("deprecation_status", "supported").field("description", "");
  out.field("external_entropy_access", false).field("local", false).key("options").null();
  out.field("plugin_version", "");
  out.field("running_plugin_version", "v" + call.options.version + "+builtin.chancery");
  out.field("running_sha256", "").field("seal_wrap", false).field("type", "pki");
  out.field("uuid", mount_uuid(call.options));
}

// is_mount says whether a path is the mount or something in it.
bool is_mount(const Call& call, std::string_view path) {
  const std::string_view mount = call.scope().mount;
  return path.starts_with(mount) || path == mount.substr(0, mount.size() - 1);
}

http::Response no_mount(const Call& call) {
  return failed(call, {Code::kInvalidArgument,
                       "No secret engine mount at " + printable(call.variable()) + "/",
                       {},
                       {}});
}

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

http::Response sys_mounts(Call& call) {
  json::Writer data;
  data.begin_object().key(call.scope().mount).begin_object();
  write_mount_members(data, call);
  data.end_object().end_object();
  return injected(call.request.request_id, data.text());
}

http::Response sys_mount(Call& call) {
  if (!is_mount(call, call.variable())) return no_mount(call);
  json::Writer data;
  data.begin_object();
  write_mount_members(data, call);
  data.end_object();
  return injected(call.request.request_id, data.text());
}

http::Response sys_mount_tune(Call& call) {
  if (!is_mount(call, call.variable())) return no_mount(call);
  const policy::Limits& limits = call.use.enrolment.roles().limits();
  json::Writer data;
  data.begin_object().field("default_lease_ttl", limits.default_ttl.count());
  data.field("description", "").field("force_no_cache", false);
  data.field("max_lease_ttl", limits.max_ttl.count()).end_object();
  return injected(call.request.request_id, data.text());
}

// The question that the command line asks before some of its verbs: is there a mount, and may I?
http::Response sys_ui_mount(Call& call) {
  if (!is_mount(call, call.variable())) {
    return failed(call, {Code::kPermissionDenied,
                         "preflight capability check returned 403, please ensure client's policies "
                         "grant access to path \"" +
                             printable(call.variable()) + "/\"",
                         {},
                         {}});
  }
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object();
  write_mount_members(out, call);
  out.field("path", call.scope().mount).end_object();
  return std::move(answer).finish();
}

}  // namespace chancery::vault
