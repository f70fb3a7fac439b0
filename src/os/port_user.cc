#include "os/port_user.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include "os/file.h"

namespace chancery::os {
namespace {

constexpr std::string_view kListening = "0A";

// A line of /proc/net/tcp: number, local address:port, remote, state, ..., inode as tenth field.
std::optional<std::string> listening_inode(const std::string& line, std::uint16_t port) {
  std::istringstream in(line);
  std::array<std::string, 10> fields;
  for (std::string& field : fields) in >> field;
  const auto colon = fields[1].rfind(':');
  if (!in || colon == std::string::npos || fields[3] != kListening) return {};
  std::uint16_t found = 0;
  const char* const begin = fields[1].data() + colon + 1;
  const auto [end, error] = std::from_chars(begin, fields[1].data() + fields[1].size(), found, 16);
  if (error != std::errc{} || found != port) return {};
  return fields[9];
}

std::optional<std::string> find_inode(std::uint16_t port) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(table);
    for (std::string line; std::getline(in, line);) {
      if (auto inode = listening_inode(line, port)) return inode;
    }
  }
  return {};
}

bool holds(const std::string& process, const std::string& socket) {
  const auto files = list_directory(process + "/fd");
  if (!files) return false;
  for (const std::string& file : *files) {
    std::array<char, 64> target{};
    const std::string link = process + "/fd/" + file;
    const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
    if (size > 0 && std::string_view(target.data(), static_cast<std::size_t>(size)) == socket)
      return true;
  }
  return false;
}

}  // namespace

std::optional<PortUser> port_user(std::uint16_t port) {
  const auto inode = find_inode(port);
  if (!inode) return {};
  const std::string socket = "socket:[" + *inode + "]";
  const auto processes = list_directory("/proc");
  if (!processes) return PortUser{};
  for (const std::string& name : *processes) {
    PortUser user;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), user.pid);
    if (error != std::errc{} || !holds("/proc/" + name, socket)) continue;
    std::ifstream in("/proc/" + name + "/comm");
    std::getline(in, user.program);
    return user;
  }
  return PortUser{};
}

}  // namespace chancery::os
