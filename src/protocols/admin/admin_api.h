#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/methods.h"
#include "access/tokens.h"
#include "acme/acme.h"
#include "base/log.h"
#include "base/time.h"
#include "ca/service.h"
#include "enrol/enrolment.h"
#include "http/body.h"
#include "http/route_table.h"
#include "http/site.h"
#include "protocols/admin/routes.h"

namespace chancery::admin {

// StoreStatus is what /status says about the store.
struct StoreStatus {
  std::string state = "ok";  // "ok", "full", "out_of_service"
  std::string reason;        // for people; "" when all is well
  std::uint64_t events = 0;  // in the log
  std::uint64_t index_lag = 0;
};

// BackupWish is what a caller of /backup has already: the log rows below `after`, of the store
// `store_id`; nothing for a full backup.
struct BackupWish {
  std::uint64_t after = 0;
  std::string store_id;
};

struct AdminOptions {
  record::Scope scope{"root", "pki/"};
  std::string version = "0.1.0";
  std::size_t max_body = std::size_t{1024} * 1024;
  // How keys are protected, as a sentence for the policy page; "" leaves it to the operator.
  std::string key_protection;
  // Asked at each /status; without it the store counts as well as long as its log can be read.
  std::function<StoreStatus()> store_status;
  // Begins a backup. Without it there are none.
  std::function<Result<std::unique_ptr<http::BodySource>>(const BackupWish&, const OnLane&)> backup;
  // Reads the configuration anew and returns the keys that changed; blocks. Without it there is
  // nothing to reload.
  std::function<Result<std::vector<std::string>>()> reload;
};

struct Dependencies {
  ca::Service& service;
  enrol::Enrolment& enrolment;
  access::Tokens& tokens;
  const Clock& clock;
  Log& log;
  access::Methods& methods;
  access::Policies& policies;
  acme::Acme* acme = nullptr;  // null: there is no ACME here
};

// AdminApi is the program's own HTTP API, mounted at "/api/v1": plain JSON objects in and out,
// problem documents (RFC 9457) for errors, described by the OpenAPI document that it serves itself.
// One table of routes (routes.h) decides what there is and who may; the rest is refused.
// Thread-safe.
class AdminApi final : public http::Application {
 public:
  AdminApi(const Dependencies& dependencies, AdminOptions options);

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;

 private:
  [[nodiscard]] http::RouteTable<Route>::Target find(const http::Request& request) const;
  [[nodiscard]] http::Response authorise(Call& call, const Route& route,
                                         const access::Authenticated& caller);
  [[nodiscard]] http::Response run(Call& call, const Route& route);
  [[nodiscard]] std::optional<http::Response> spend(Call& call,
                                                    const access::Authenticated& caller);

  Dependencies dependencies_;
  AdminOptions options_;
  const TimePoint started_;
  const std::string document_;  // OpenAPI
  const http::RouteTable<Route> routes_;
};

}  // namespace chancery::admin
