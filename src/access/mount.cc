#include "access/mount.h"

#include "access/row_codec.h"

namespace chancery::access {
namespace {

constexpr std::string_view kSecretPrefix = "secret ";
constexpr std::string_view kAuthPrefix = "auth ";

}  // namespace

std::string Mount::full_path() const { return (kind == MountKind::kAuth ? "auth/" : "") + path; }

record::StateKey mount_key(MountKind kind, std::string_view path) {
  const std::string_view prefix = kind == MountKind::kAuth ? kAuthPrefix : kSecretPrefix;
  return {record::StateKind::kMount, {}, std::string(prefix) + std::string(path)};
}

Result<Mount> decode_mount(std::string_view id, BytesView value) {
  const bool auth = id.starts_with(kAuthPrefix);
  if (!auth && !id.starts_with(kSecretPrefix)) return fail(Code::kDataLoss, "not a mount's row");
  Mount mount = TRY(decode_row<Mount>(value));
  mount.kind = auth ? MountKind::kAuth : MountKind::kSecret;
  mount.path = id.substr(auth ? kAuthPrefix.size() : kSecretPrefix.size());
  return mount;
}

}  // namespace chancery::access
