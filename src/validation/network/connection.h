#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "net/fd.h"
#include "validation/network/deadline.h"

namespace chancery::validation::network {

struct TlsWish {
  std::string server_name;  // SNI; empty: none
  std::string alpn;         // the one protocol that is offered
};

// What a server showed in a handshake. Nothing of it has been verified.
struct TlsSeen {
  std::string alpn;     // empty: it chose none
  std::string version;  // "TLSv1.3"
  Bytes certificate;    // DER
};

// Connection is a TCP connection to one address, plain or with TLS 1.2 or later, in which every
// call has a deadline. It never verifies a certificate: what a server must show is the caller's
// business. Not thread-safe. Errors of all calls: kUnavailable (refused, reset, TLS alert),
// kDeadlineExceeded.
class Connection {
 public:
  // open connects to `address` (4 or 16 octets).
  [[nodiscard]] static Result<Connection> open(BytesView address, std::uint16_t port,
                                               Deadline deadline);

  [[nodiscard]] Result<TlsSeen> start_tls(const TlsWish& wish, Deadline deadline);
  // read returns how many octets came; 0 at the end.
  [[nodiscard]] Result<std::size_t> read(std::span<char> out, Deadline deadline);
  [[nodiscard]] Result<void> write(std::string_view data, Deadline deadline);

 private:
  struct SessionDeleter {
    void operator()(SSL* session) const { SSL_free(session); }
  };

  explicit Connection(net::UniqueFd fd) : fd_(std::move(fd)) {}
  [[nodiscard]] Result<void> await(short events, Deadline deadline) const;
  // retry waits for what the TLS session needs to go on; an error when it cannot.
  [[nodiscard]] Result<void> retry(int returned, Deadline deadline);
  [[nodiscard]] Result<std::size_t> read_plain(std::span<char> out, Deadline deadline);
  [[nodiscard]] Result<std::size_t> read_tls(std::span<char> out, Deadline deadline);

  net::UniqueFd fd_;
  std::unique_ptr<SSL, SessionDeleter> session_;
};

// place writes "203.0.113.7 port 80".
[[nodiscard]] std::string place(BytesView address, std::uint16_t port);

}  // namespace chancery::validation::network
