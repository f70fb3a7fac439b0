#pragma once

#include <atomic>
#include <memory>

#include "http/server.h"
#include "http/worker.h"
#include "net/tls.h"

namespace chancery::http {

// ListenerState is what the connections of one listener share.
struct ListenerState {
  ListenerState(const ListenerOptions& options, OpenConnections& open_connections)
      : tls(options.tls), site(*options.site), limits(options.limits), open(open_connections) {}

  const std::shared_ptr<net::TlsServerContext> tls;
  const Site& site;
  const Limits limits;
  OpenConnections& open;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> handshakes{0};
};

// Client is what is known of the other end of a connection after the handshake.
struct Client {
  std::string address;
  bool tls = false;
  std::string_view tls_version;
  std::string fingerprint;
  Bytes certificate;
};

}  // namespace chancery::http
