#pragma once

#include <optional>

#include "protocols/vault/call.h"

namespace chancery::vault {

// client_of is the certificate that a client showed on its connection.
[[nodiscard]] inline access::ClientCertificate client_of(const Call& call) {
  return {call.request.peer_certificate, call.request.peer_intermediates};
}

// lane_for is where a login or a renewal by certificate has to go first: signatures are verified on
// the cpu lane, and where `asks_network()` says so, others are asked on the outbound lane. Nothing:
// it is there.
template <class AsksNetwork>
[[nodiscard]] std::optional<http::Lane> lane_for(const Call& call, AsksNetwork asks_network) {
  if (call.context.on(http::Lane::kOutbound)) return std::nullopt;
  if (!call.context.on(http::Lane::kCpu)) return http::Lane::kCpu;
  const Result<bool> asks = asks_network();
  return asks && *asks ? std::optional(http::Lane::kOutbound) : std::nullopt;
}

}  // namespace chancery::vault
