#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace chancery::os {

// ServiceManager tells the process's supervisor how it does, by systemd's protocol: datagrams to
// the socket that NOTIFY_SOCKET names (sd_notify(3)). Without that variable every call does
// nothing; a datagram that cannot be sent is lost, as nothing depends on it. Thread-safe.
class ServiceManager {
 public:
  // `socket` is a path, or "@name" for an abstract socket; empty: nobody listens.
  explicit ServiceManager(std::string socket = {}, std::chrono::microseconds watchdog = {})
      : socket_(std::move(socket)), watchdog_(watchdog) {}
  // from_environment reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  [[nodiscard]] static ServiceManager from_environment();

  void ready(std::string_view status) const { send("READY=1\nSTATUS=", status); }
  // reloading is to be followed by ready.
  void reloading() const;
  void stopping() const { send("STOPPING=1\nSTATUS=", "stopping"); }
  void alive() const { send("WATCHDOG=1", {}); }

  // How often alive is expected; zero: never.
  [[nodiscard]] std::chrono::microseconds watchdog() const { return watchdog_; }

 private:
  void send(std::string_view state, std::string_view text) const;

  std::string socket_;
  std::chrono::microseconds watchdog_;
};

// GivenSocket is a descriptor that the supervisor opened before it started the process.
struct GivenSocket {
  int fd = -1;
  std::string name;
};

// given_sockets reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES (sd_listen_fds(3)) and makes the
// descriptors close-on-exec. Empty when there are none for this process. Errors: kMalformed.
[[nodiscard]] Result<std::vector<GivenSocket>> given_sockets();
// parse_given_sockets is the pure part; a missing variable is null.
[[nodiscard]] Result<std::vector<GivenSocket>> parse_given_sockets(const char* pid, const char* fds,
                                                                   const char* names,
                                                                   std::int64_t own_pid);

}  // namespace chancery::os
