#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/ticket.h"

namespace chancery::net {

// ServedChain is what a TLS server shows to anybody who connects.
struct ServedChain {
  std::vector<Bytes> certificates;  // DER, in the order of the server, its own first
  std::string protocol;             // "TLSv1.3"
  std::string cipher;
  std::string group;  // of the key exchange; empty when the library cannot say
  Bytes ocsp;         // stapled OCSP response, DER; empty when there is none
};

// fetch_served_chain makes a TLS handshake and ends it there. Nothing is verified, since looking at
// what is wrong is the purpose; nothing is sent but the handshake with `host` as server name (when
// it is a name). Blocks for at most `timeout`. Errors: kUnavailable (name, connection, handshake),
// kDeadlineExceeded.
[[nodiscard]] Result<ServedChain> fetch_served_chain(const std::string& host, std::uint16_t port,
                                                     std::chrono::milliseconds timeout,
                                                     const OnLane& on_lane);

}  // namespace chancery::net
