#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "acme/acme.h"
#include "http/path_pattern.h"
#include "http/site.h"
#include "protocols/acme/nonces.h"

namespace chancery::acme {

struct Call;
struct Route;

// AcmeApi is the ACME protocol (RFC 8555, 8738, 9773) over HTTP, mounted at "/acme": a directory at
// "/acme/<name>/directory". One table of routes (routes.h) decides what there is and how a request
// has to be signed; the rest is refused. Thread-safe.
class AcmeApi final : public http::Application {
 public:
  explicit AcmeApi(Acme& acme);

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;

 private:
  struct Target {
    const Route* route = nullptr;
    std::vector<std::string_view> variables;  // the directory's name first
    std::string allow;                        // the methods that rows have for this path
  };
  [[nodiscard]] Target find(const http::Request& request) const;
  [[nodiscard]] http::Response answer(const http::Request& request, http::Context& context);
  [[nodiscard]] http::Response run(Call& call, const Route& route);
  // finish adds what all answers have: a nonce, the way to the directory, what scripts may see.
  [[nodiscard]] http::Response finish(const http::Request& request, std::string_view directory,
                                      bool wants_nonce, http::Response response) const;

  Acme& acme_;
  mutable Nonces nonces_;
  std::vector<http::PathPattern> patterns_;
};

}  // namespace chancery::acme
