#pragma once

#include <csignal>

namespace chancery::server {

// Signals turns SIGTERM, SIGINT and SIGHUP into something to wait for. Made before any thread, so
// that all threads inherit the blocked mask.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::sigaddset(&set_, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A client that hangs up must not end the server.
    ::signal(SIGPIPE, SIG_IGN);
  }
  [[nodiscard]] int wait() const {
    int number = 0;
    while (::sigwait(&set_, &number) != 0) {
    }
    return number;
  }

 private:
  sigset_t set_{};
};

}  // namespace chancery::server
