#include "protocols/vault/mount_answer.h"

#include "protocols/vault/mount_settings.h"

namespace chancery::vault {

bool mount_type_known(access::MountKind kind, std::string_view type) {
  if (kind == access::MountKind::kSecret) return type == "pki";
  return type == "approle" || type == "userpass" || type == "cert";
}

void write_mount(json::Writer& out, const access::Mount& mount, std::string_view version) {
  out.field("accessor", mount.accessor).key("config").begin_object();
  write_lists(out, mount);
  out.field("default_lease_ttl", mount.default_ttl.count());
  out.field("force_no_cache", mount.force_no_cache);
  if (!mount.listing_visibility.empty()) out.field("listing_visibility", mount.listing_visibility);
  out.field("max_lease_ttl", mount.max_ttl.count());
  if (mount.kind == access::MountKind::kAuth) out.field("token_type", mount.token_type);
  out.end_object();
  const bool built_in = mount.type == "token";
  if (!built_in) out.field("deprecation_status", "supported");
  out.field("description", mount.description).field("external_entropy_access", false);
  out.field("local", mount.local).key("options");
  if (built_in) {
    out.null();
  } else {
    write_options(out, mount);
  }
  out.field("plugin_version", "");
  out.field("running_plugin_version", "v" + std::string(version) + "+builtin.chancery");
  out.field("running_sha256", "").field("seal_wrap", mount.seal_wrap).field("type", mount.type);
  out.field("uuid", mount.uuid);
}

}  // namespace chancery::vault
