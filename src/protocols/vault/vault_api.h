#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/methods.h"
#include "access/tokens.h"
#include "base/log.h"
#include "base/time.h"
#include "ca/service.h"
#include "enrol/enrolment.h"
#include "http/site.h"
#include "protocols/vault/routes.h"

namespace chancery::vault {

// Which routes a listener offers: all of them, or only those whose answers are public and protect
// themselves (certificates, CRLs, OCSP, health), as a plain HTTP listener needs.
enum class Surface : std::uint8_t { kFull, kPublicOnly };

struct VaultOptions {
  // The version that clients read to know what they may use (docs/protocols/vault.md says why
  // this one): the issuer API of 1.11 is here, delta CRLs of 1.12 and what followed are not.
  std::string version = "1.13.0";
  std::string cluster_name = "chancery";
  std::string cluster_id;
  std::size_t max_body = std::size_t{1024} * 1024;
  Surface surface = Surface::kFull;
};

struct Dependencies {
  ca::Service& service;
  enrol::Enrolment& enrolment;
  access::Policies& policies;
  access::Tokens& tokens;
  const Clock& clock;
  Log& log;
  access::Methods& methods;
};

// VaultApi answers the HTTP API of HashiCorp Vault and OpenBao for all mounts, mounted at "/v1".
// Every request goes through one table of routes (routes.h): what is not in it is refused, and what
// is in it is authorised as its row says before any handler sees it. Thread-safe.
class VaultApi final : public http::Application {
 public:
  VaultApi(const Dependencies& dependencies, VaultOptions options);

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;
  [[nodiscard]] bool is_opaque(std::string_view raw_path) const override;

 private:
  struct Target;
  void locate(std::string_view path, Target& target) const;
  [[nodiscard]] Target find(const http::Request& request) const;
  [[nodiscard]] http::Response handle_with_token(Call& call, const Target& target);
  [[nodiscard]] http::Response run(Call& call, const Route& route);
  [[nodiscard]] Result<void> read_body(Call& call, const Route& route) const;
  [[nodiscard]] std::optional<http::Response> spend(Call& call,
                                                    const access::Authenticated& caller);
  [[nodiscard]] static Result<access::Grant> allow(const Call& call,
                                                   const access::Authenticated& caller,
                                                   const Target& target);
  [[nodiscard]] http::Response answer_error(const http::Request& request, const Error& error) const;

  Dependencies dependencies_;
  VaultOptions options_;
  std::vector<std::string> names_;  // of the routes, with the area's prefix
};

}  // namespace chancery::vault
