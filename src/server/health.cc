#include "server/health.h"

#include "server/node.h"
#include "server/store_metrics.h"

namespace chancery::server {
namespace {

constexpr std::string_view kJson = "application/json";

http::Response json(unsigned status, std::string body) { return {status, kJson, std::move(body)}; }

bool from_this_machine(const http::Request& request) {
  return request.peer_address.starts_with("127.") || request.peer_address == "::1";
}

}  // namespace

http::Response HealthApi::handle(const http::Request& request, http::Context&) {
  if (request.method != "GET" && request.method != "HEAD") {
    return refuse(request, {Code::kMethodNotAllowed, "only GET is offered here", {}, {}});
  }
  if (request.path == "/healthz") {
    return json(200, "{\"status\":\"alive\"}\n");
  }
  if (request.path == "/readyz") return readiness();
  if (request.path == "/metrics") {
    if (!from_this_machine(request)) {
      return refuse(request,
                    {Code::kPermissionDenied, "metrics are given to this machine only", {}, {}});
    }
    return {200, "text/plain; version=0.0.4",
            metrics_.render() + store_metrics(store_) +
                (status_ != nullptr ? status_->metrics() : std::string{})};
  }
  return refuse(request, {Code::kNotFound, "no such page", {}, {}});
}

http::Response HealthApi::readiness() const {
  const auto not_ready = [](std::string_view reason) {
    return json(503, R"({"status":"not ready","reason":")" + std::string(reason) + "\"}\n")
        .with_header("Retry-After", "1");
  };
  if (stopping_.load()) return not_ready("stopping");
  const storage::StoreHealth store = store_.health();
  if (store.out_of_service) return not_ready("store out of service");
  if (store.storage_full) return not_ready("storage full");
  if (!ca_.authority(pki_scope(), "default")) return not_ready("no authority");
  if (!ca_.may_sign()) {
    return not_ready("restored from a backup and not confirmed: chancery restore confirm");
  }
  if (!ca_.may_issue()) return not_ready("clock wrong");
  return json(200, "{\"status\":\"ready\"}\n");
}

std::string_view HealthApi::route_name(const http::Request& request) const {
  if (request.path == "/metrics") return "metrics";
  return request.path == "/readyz" ? "readyz" : "healthz";
}

http::Response HealthApi::refuse(const http::Request&, const Error& error) const {
  unsigned status = 400;
  if (error.code == Code::kNotFound) status = 404;
  if (error.code == Code::kMethodNotAllowed) status = 405;
  if (error.code == Code::kPermissionDenied) status = 403;
  if (error.code == Code::kTooLarge) status = 413;
  if (error.code == Code::kUnavailable || error.code == Code::kTooManyRequests) status = 503;
  if (error.code == Code::kInternal) status = 500;
  return json(status, R"({"status":")" + std::string(name(error.code)) + "\"}\n");
}

}  // namespace chancery::server
