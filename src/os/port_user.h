#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace chancery::os {

struct PortUser {
  int pid = 0;          // 0: the process is not ours to see
  std::string program;  // its name; empty when pid is 0
};

// port_user finds out who listens on a TCP port of this machine, on any address, from /proc.
// Nothing when nobody does. Other users' processes are seen by root only.
[[nodiscard]] std::optional<PortUser> port_user(std::uint16_t port);

}  // namespace chancery::os
