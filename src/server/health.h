#pragma once

#include "base/metrics.h"
#include "http/site.h"
#include "storage/managed_store.h"

namespace chancery::server {

// HealthApi answers /healthz (is this process able to issue), and /metrics in the Prometheus text
// format to callers on this machine.
class HealthApi final : public http::Application {
 public:
  HealthApi(const storage::ManagedStore& store, const Metrics& metrics)
      : store_(store), metrics_(metrics) {}

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;

 private:
  const storage::ManagedStore& store_;
  const Metrics& metrics_;
};

}  // namespace chancery::server
