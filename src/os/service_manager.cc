#include "os/service_manager.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace chancery::os {
namespace {

// The first descriptor that is passed (SD_LISTEN_FDS_START).
constexpr int kFirstGiven = 3;
constexpr std::int64_t kMostGiven = 64;

std::optional<std::int64_t> number(const char* text) {
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

std::string environment(const char* name) {
  const char* const value = ::getenv(name);
  return value == nullptr ? "" : value;
}

std::chrono::microseconds watchdog_from_environment() {
  const auto pid = number(::getenv("WATCHDOG_PID"));
  if (pid && *pid != ::getpid()) return {};
  return std::chrono::microseconds(number(::getenv("WATCHDOG_USEC")).value_or(0));
}

// An abstract name has a NUL where it is written with "@".
bool fill(sockaddr_un& address, const std::string& name) {
  if (name.empty() || name.size() >= sizeof(address.sun_path)) return false;
  if (name[0] != '/' && name[0] != '@') return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';
  return true;
}

std::string monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1000);
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  return ServiceManager(environment("NOTIFY_SOCKET"), watchdog_from_environment());
}

void ServiceManager::reloading() const {
  // systemd wants to know that this is the reload it asked for (Type=notify-reload).
  send("RELOADING=1\nMONOTONIC_USEC=", monotonic_microseconds());
}

void ServiceManager::send(std::string_view state, std::string_view text) const {
  sockaddr_un address{};
  if (!fill(address, socket_)) return;
  const std::string message = std::string(state) + std::string(text) + "\n";
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  static_cast<void>(::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&address), length));
  ::close(fd);
}

Result<std::vector<GivenSocket>> parse_given_sockets(const char* pid, const char* fds,
                                                     const char* names, std::int64_t own_pid) {
  std::vector<GivenSocket> given;
  if (fds == nullptr || number(pid) != own_pid) return given;
  const auto count = number(fds);
  if (!count || *count > kMostGiven)
    return std::unexpected(Error{Code::kMalformed, "not a number of descriptors", {}, {}}.with(
        "variable", "LISTEN_FDS"));
  std::vector<std::string_view> each;
  if (names != nullptr && *names != '\0') each = split(names, ':');
  if (!each.empty() && each.size() != static_cast<std::size_t>(*count))
    return std::unexpected(Error{Code::kMalformed, "not one name a descriptor", {}, {}}.with(
        "variable", "LISTEN_FDNAMES"));
  for (int i = 0; i < static_cast<int>(*count); ++i) {
    const auto at = static_cast<std::size_t>(i);
    given.push_back({kFirstGiven + i, std::string(each.empty() ? "unknown" : each[at])});
  }
  return given;
}

Result<std::vector<GivenSocket>> given_sockets() {
  auto given = TRY(parse_given_sockets(::getenv("LISTEN_PID"), ::getenv("LISTEN_FDS"),
                                       ::getenv("LISTEN_FDNAMES"), ::getpid()));
  for (const GivenSocket& socket : given) ::fcntl(socket.fd, F_SETFD, FD_CLOEXEC);
  return given;
}

}  // namespace chancery::os
