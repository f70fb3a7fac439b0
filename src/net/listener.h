#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/reactor.h"

namespace chancery::net {

// AcceptHandler takes what a Listener accepts. Called on the listener's reactor.
class AcceptHandler {
 public:
  virtual ~AcceptHandler() = default;
  // `peer_address` is numeric: "127.0.0.1", "::1".
  virtual void accepted(UniqueFd fd, std::string peer_address) = 0;
  // accept failed for want of descriptors or memory; the listener pauses until its next retry.
  virtual void accept_failed(int error_number) = 0;
};

// Listener is one listening TCP socket.
class Listener final : public ReadyHandler, public std::enable_shared_from_this<Listener> {
 public:
  // open binds to a numeric address and listens. Port 0 lets the system choose. Errors:
  // kInvalidArgument (not a numeric address), kUnavailable (in use, not allowed, ...).
  [[nodiscard]] static Result<std::shared_ptr<Listener>> open(const std::string& address,
                                                              std::uint16_t port);

  // adopt takes a socket that listens already, as a supervisor passes it. Errors: kInvalidArgument
  // (not a listening TCP socket).
  [[nodiscard]] static Result<std::shared_ptr<Listener>> adopt(UniqueFd fd);

  Listener(UniqueFd fd, std::string address, std::uint16_t port)
      : fd_(std::move(fd)), address_(std::move(address)), port_(port) {}

  // What the socket is bound to; the address is numeric.
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  // The rest is for the reactor's thread. start begins to accept; `handler` must outlive close.
  void start(Reactor& reactor, AcceptHandler& handler);
  // retry accepts again after accept_failed; without a failure it does nothing.
  void retry();
  // close accepts what the kernel has ready, then closes.
  void close();

  void on_readable() override;

 private:
  enum class Outcome : std::uint8_t { kEmpty, kMore, kFailed };
  Outcome accept_up_to(int count);

  UniqueFd fd_;
  std::string address_;
  std::uint16_t port_;
  AcceptHandler* handler_ = nullptr;
  std::unique_ptr<Socket> socket_;
  bool paused_ = false;
};

// set_no_delay switches Nagle's algorithm off.
void set_no_delay(int fd);

}  // namespace chancery::net
