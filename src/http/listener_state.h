#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

#include "http/server.h"
#include "http/worker.h"
#include "net/tls.h"

namespace chancery::http {

// ListenerState is what the connections of one listener share.
struct ListenerState {
  ListenerState(const ListenerOptions& options, OpenConnections& open_connections)
      : tls(options.tls), site(*options.site), open(open_connections) {
    set_limits(options.limits);
  }

  // limits are those of this moment; the reference stays valid, but what it says may be outdated.
  [[nodiscard]] const Limits& limits() const { return *limits_.load(std::memory_order_acquire); }
  void set_limits(const Limits& limits) {
    const std::scoped_lock lock(mutex_);
    limits_.store(&versions_.emplace_back(limits), std::memory_order_release);
  }

  const std::shared_ptr<net::TlsServerContext> tls;
  const Site& site;
  OpenConnections& open;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> handshakes{0};

 private:
  std::mutex mutex_;
  // Kept to the end, because a reactor may be reading any of them. They change when a person asks.
  std::deque<Limits> versions_;  // guarded by mutex_
  std::atomic<const Limits*> limits_{nullptr};
};

// Client is what is known of the other end of a connection after the handshake.
struct Client {
  std::string address;
  bool tls = false;
  std::string_view tls_version;
  std::string fingerprint;
  Bytes certificate;
  std::vector<Bytes> intermediates;
};

}  // namespace chancery::http
