#include "base/text.h"
#include "protocols/vault/envelope.h"
#include "protocols/vault/handlers.h"
#include "protocols/vault/mount_answer.h"
#include "protocols/vault/mount_settings.h"
#include "protocols/vault/warnings.h"

// sys/mounts, sys/auth and sys/remount.

namespace chancery::vault {
namespace {

using access::Mount;
using access::MountKind;
using access::Mounts;

Error bad_request(std::string_view field, std::string_view detail) {
  return Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field);
}

// Place is a mount that a path below sys/mounts names: those of authentication methods are named
// there too, with "auth/".
struct Place {
  MountKind kind;
  std::string_view path;
};

Place place_of(const Call& call, MountKind kind) {
  std::string_view path = call.variable();
  constexpr std::string_view kAuth = "auth/";
  if (kind == MountKind::kSecret && path.starts_with(kAuth)) {
    path.remove_prefix(kAuth.size());
    return {MountKind::kAuth, path};
  }
  return {kind, path};
}

http::Response list(Call& call, MountKind kind) {
  json::Writer data;
  data.begin_object();
  for (const auto& mount : call.use.methods.mounts.list(kind)) {
    data.key(mount->path).begin_object();
    write_mount(data, *mount, call.options.version);
    data.end_object();
  }
  data.end_object();
  return injected(call.request.request_id, data.text());
}

http::Response read(Call& call, MountKind kind) {
  const Place place = place_of(call, kind);
  const auto mount = call.use.methods.mounts.match(place.kind, place.path);
  if (!mount) {
    const std::string what =
        kind == MountKind::kAuth ? "No auth engine at " : "No secret engine mount at ";
    return failed(call, bad_request("path", what + printable(call.variable()) + "/"));
  }
  json::Writer data;
  data.begin_object();
  write_mount(data, *mount, call.options.version);
  data.end_object();
  return injected(call.request.request_id, data.text());
}

Result<Mount> read_wanted(Call& call, MountKind kind) {
  json::FieldReader fields(call.body);
  Mount mount;
  mount.kind = kind;
  mount.path = call.variable();
  mount.type = fields.text("type");
  mount.description = fields.text("description");
  mount.local = fields.flag("local");
  mount.seal_wrap = fields.flag("seal_wrap");
  mount.options = fields.pairs("options");
  if (kind == MountKind::kAuth) mount.token_type = "default-service";
  TRY(fields.finish());
  const json::Body config = TRY(json::Body::parse_member(call.request.body, "config"));
  json::FieldReader settings(config);
  TRY(read_settings(settings, SettingsOf::kNewMount, mount));
  TRY(settings.finish());
  if (mount.type.empty())
    return std::unexpected(bad_request("type", "backend type must be specified as a string"));
  return mount;
}

http::Response enable(Call& call, MountKind kind) {
  auto wanted = read_wanted(call, kind);
  if (!wanted) return failed(call, field_error(wanted.error()));
  if (!mount_type_known(kind, wanted->type)) {
    if (kind == MountKind::kAuth && wanted->type == "token")
      return failed(call, bad_request("type", "token credential backend cannot be instantiated"));
    if (wanted->type == "token")
      return failed(call, bad_request("type", "mount type of \"token\" is not mountable"));
    return failed(
        call, bad_request("type", "plugin not found in the catalog: " + printable(wanted->type)));
  }
  auto staged =
      call.use.methods.mounts.create(*call.grant, *std::move(wanted), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const Mounts::Entry&) { return no_content(); });
}

http::Response disable(Call& call, MountKind kind) {
  auto staged =
      call.use.methods.mounts.remove(*call.grant, kind, call.variable(), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](bool) { return no_content(); });
}

http::Response show_tuning(Call& call, MountKind kind) {
  const Place place = place_of(call, kind);
  const auto mount = call.use.methods.mounts.match(place.kind, place.path);
  if (!mount) {
    const std::string full =
        (place.kind == MountKind::kAuth ? "auth/" : "") + printable(place.path) + "/";
    return failed(call, bad_request("path", "cannot fetch sysview for path \"" + full + "\""));
  }
  const auto limits = Mounts::ttl_limits(*mount);
  json::Writer data;
  data.begin_object();
  write_lists(data, *mount);
  data.field("default_lease_ttl", limits.default_ttl.count());
  data.field("description", mount->description).field("force_no_cache", mount->force_no_cache);
  if (!mount->listing_visibility.empty())
    data.field("listing_visibility", mount->listing_visibility);
  data.field("max_lease_ttl", limits.max_ttl.count());
  if (!mount->options.empty()) {
    data.key("options");
    write_options(data, *mount);
  }
  if (mount->kind == MountKind::kAuth) data.field("token_type", mount->token_type);
  data.end_object();
  return injected(call.request.request_id, data.text());
}

http::Response tune(Call& call, MountKind kind) {
  const Place place = place_of(call, kind);
  auto staged = call.use.methods.mounts.tune(
      *call.grant, place.kind, place.path,
      [&](Mount& mount) -> Result<void> {
        json::FieldReader fields(call.body);
        TRY(read_settings(fields, SettingsOf::kTuning, mount));
        mount.description = fields.text("description", mount.description);
        if (fields.has("options")) mount.options = fields.pairs("options");
        TRY(fields.finish());
        return {};
      },
      call.request.request_id);
  if (!staged && staged.error().code == Code::kNotFound) {
    const std::string full =
        (place.kind == MountKind::kAuth ? "auth/" : "") + printable(place.path) + "/";
    return failed(call, bad_request("path", "tune of path \"" + full +
                                                "\" failed: " + staged.error().detail));
  }
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [](const Mounts::Entry&) { return no_content(); });
}

}  // namespace

http::Response list_mounts(Call& call) { return list(call, MountKind::kSecret); }
http::Response read_mount(Call& call) { return read(call, MountKind::kSecret); }
http::Response enable_mount(Call& call) { return enable(call, MountKind::kSecret); }
http::Response disable_mount(Call& call) { return disable(call, MountKind::kSecret); }
http::Response read_tuning(Call& call) { return show_tuning(call, MountKind::kSecret); }
http::Response write_tuning(Call& call) { return tune(call, MountKind::kSecret); }

http::Response list_auth_mounts(Call& call) { return list(call, MountKind::kAuth); }
http::Response read_auth_mount(Call& call) { return read(call, MountKind::kAuth); }
http::Response enable_auth_mount(Call& call) { return enable(call, MountKind::kAuth); }
http::Response disable_auth_mount(Call& call) { return disable(call, MountKind::kAuth); }
http::Response read_auth_tuning(Call& call) { return show_tuning(call, MountKind::kAuth); }
http::Response write_auth_tuning(Call& call) { return tune(call, MountKind::kAuth); }

http::Response remount(Call& call) {
  json::FieldReader fields(call.body);
  const std::string from = fields.text("from");
  const std::string to = fields.text("to");
  if (const auto rest = fields.finish(); !rest) return failed(call, field_error(rest.error()));
  if (from.empty() || to.empty()) {
    return failed(call,
                  bad_request("from", "both 'from' and 'to' path must be specified as a string"));
  }
  constexpr std::string_view kAuth = "auth/";
  const bool auth = from.starts_with(kAuth);
  if (auth && !to.starts_with(kAuth)) {
    return failed(call, bad_request("to", "cannot remount auth mount to non-auth mount \"" +
                                              printable(to) + (to.ends_with('/') ? "\"" : "/\"")));
  }
  const std::size_t cut = auth ? kAuth.size() : 0;
  auto& mounts = call.use.methods.mounts;
  auto staged = mounts.move(*call.grant, auth ? MountKind::kAuth : MountKind::kSecret,
                            std::string_view(from).substr(cut), std::string_view(to).substr(cut),
                            call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(
      call, *std::move(staged),
      [&id = call.request.request_id, &mounts, from](const Mounts::Entry& moved) {
        const std::string migration =
            mounts.remember_move(from + (from.ends_with('/') ? "" : "/"), moved->full_path());
        json::Writer data;
        data.begin_object().field("migration_id", migration).end_object();
        return injected(
            id, data.text(),
            {"Mount move has been queued. Progress will be reported in OpenBao's server "
             "log, tagged with the returned migration_id"});
      });
}

http::Response remount_status(Call& call) {
  const auto migration = call.use.methods.mounts.migration(call.variable());
  if (!migration) return absent();
  Envelope answer(call.request.request_id);
  json::Writer& out = answer.data().begin_object().field("migration_id", migration->id);
  out.key("migration_info").begin_object().field("source_mount", migration->from);
  out.field("status", "success").field("target_mount", migration->to).end_object().end_object();
  return std::move(answer).finish();
}

}  // namespace chancery::vault
