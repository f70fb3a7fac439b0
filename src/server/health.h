#pragma once

#include <atomic>

#include "base/metrics.h"
#include "ca/service.h"
#include "http/site.h"
#include "server/status_upkeep.h"
#include "storage/managed_store.h"

namespace chancery::server {

// HealthApi answers /healthz (the process is alive), /readyz (it is able to serve: the store is in
// service and has space, the authority is loaded and may sign, the clock can be believed, and it is
// not stopping), and /metrics in the Prometheus text format to callers on this machine.
// Thread-safe.
class HealthApi final : public http::Application {
 public:
  HealthApi(const storage::ManagedStore& store, ca::Service& ca, const Metrics& metrics)
      : store_(store), ca_(ca), metrics_(metrics) {}

  // use has /metrics tell of certificate status too; before the first request.
  void use(const StatusUpkeep& status) { status_ = &status; }
  // stopping makes /readyz say no from now on.
  void stopping() { stopping_.store(true); }

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;

 private:
  [[nodiscard]] http::Response readiness() const;

  const storage::ManagedStore& store_;
  ca::Service& ca_;
  const Metrics& metrics_;
  const StatusUpkeep* status_ = nullptr;
  std::atomic<bool> stopping_{false};
};

}  // namespace chancery::server
