#include "access/mounts.h"
#include "base/text.h"
#include "protocols/admin/handlers.h"
#include "protocols/admin/strict.h"

// Mounts and authentication methods. The paths stand in bodies: they have slashes of their own.

namespace chancery::admin {
namespace {

using access::Mount;
using access::MountKind;
using access::Mounts;

MountKind kind_of(const Call& call) {
  constexpr std::string_view kAuth = "/api/v1/auth-methods";
  return call.request.path.starts_with(kAuth) ? MountKind::kAuth : MountKind::kSecret;
}

void write_mount(json::Writer& out, const Mount& mount) {
  out.begin_object().field("path", mount.path).field("type", mount.type);
  out.field("accessor", mount.accessor).field("description", mount.description);
  const auto limits = Mounts::ttl_limits(mount);
  out.field("default_lease_ttl", limits.default_ttl.count());
  out.field("max_lease_ttl", limits.max_ttl.count()).end_object();
}

http::Response mount_answer(unsigned status, const Mounts::Entry& mount) {
  json::Writer out(512);
  write_mount(out, *mount);
  return answer(status, std::move(out));
}

Result<void> read_settings(json::FieldReader& fields, Mount& mount) {
  mount.description = fields.text("description", mount.description);
  mount.default_ttl = fields.duration("default_lease_ttl", mount.default_ttl);
  mount.max_ttl = fields.duration("max_lease_ttl", mount.max_ttl);
  if (mount.max_ttl.count() > 0 && mount.default_ttl > mount.max_ttl)
    fields.refuse("default_lease_ttl", "it is longer than max_lease_ttl");
  return finish_strictly(fields);
}

std::string read_path(json::FieldReader& fields) {
  std::string path = fields.text("path");
  if (path.empty()) fields.refuse("path", "say which mount");
  // What the right was asked for is this very path.
  if (path.starts_with('/') || path.contains("//"))
    fields.refuse("path", "write it without empty segments");
  return path;
}

Error nothing_mounted(const std::string& path) {
  return Error{Code::kNotFound, "nothing is mounted at " + printable(path), {}, {}}.with("field",
                                                                                         "path");
}

bool is_served(MountKind kind, std::string_view type) {
  if (kind == MountKind::kSecret) return type == "pki";
  return type == "approle" || type == "userpass" || type == "cert";
}

}  // namespace

http::Response list_mounts(Call& call) {
  json::Writer out(2048);
  out.begin_object().key("mounts").begin_array();
  const auto mounts = call.use.methods.mounts.list(kind_of(call));
  for (const Mounts::Entry& mount : mounts) write_mount(out, *mount);
  out.end_array().end_object();
  return answer(200, std::move(out));
}

http::Response enable_mount(Call& call) {
  json::FieldReader fields(call.body);
  Mount wanted;
  wanted.kind = kind_of(call);
  wanted.path = read_path(fields);
  wanted.type = fields.text("type");
  if (!is_served(wanted.kind, wanted.type)) {
    fields.refuse("type", wanted.kind == MountKind::kAuth ? "approle, userpass or cert" : "pki");
  }
  if (const auto read = read_settings(fields, wanted); !read) return failed(call, read.error());
  auto staged =
      call.use.methods.mounts.create(*call.grant, std::move(wanted), call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const Mounts::Entry& mount) { return mount_answer(201, mount); });
}

http::Response tune_mount(Call& call) {
  json::FieldReader fields(call.body);
  const std::string path = read_path(fields);
  if (!path.empty() && !call.use.methods.mounts.find(kind_of(call), path))
    return failed(call, nothing_mounted(path));
  auto staged = call.use.methods.mounts.tune(
      *call.grant, kind_of(call), path, [&](Mount& mount) { return read_settings(fields, mount); },
      call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged),
                      [](const Mounts::Entry& mount) { return mount_answer(200, mount); });
}

http::Response disable_mount(Call& call) {
  json::FieldReader fields(call.body);
  const std::string path = read_path(fields);
  if (const auto read = finish_strictly(fields); !read) return failed(call, read.error());
  const auto found = call.use.methods.mounts.find(kind_of(call), path);
  if (!found) return failed(call, nothing_mounted(path));
  auto staged =
      call.use.methods.mounts.remove(*call.grant, kind_of(call), path, call.request.request_id);
  if (!staged) return failed(call, staged.error());
  return after_commit(call, *std::move(staged), [found](bool) { return mount_answer(200, found); });
}

}  // namespace chancery::admin
