#pragma once

#include <string_view>

#include "access/mount.h"
#include "protocols/json/writer.h"

namespace chancery::vault {

// write_mount writes the members that Vault shows of a mount, without braces; `version` is the
// server's.
void write_mount(json::Writer& out, const access::Mount& mount, std::string_view version);

// mount_type_known says whether there is an engine or a method of that type.
[[nodiscard]] bool mount_type_known(access::MountKind kind, std::string_view type);

}  // namespace chancery::vault
