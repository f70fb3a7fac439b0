#pragma once

#include <string>
#include <string_view>

#include "acme/acme.h"
#include "http/route_table.h"
#include "http/site.h"
#include "protocols/acme/nonces.h"
#include "protocols/acme/routes.h"

namespace chancery::acme {

struct Call;

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
  [[nodiscard]] http::RouteTable<Route>::Target find(const http::Request& request) const;
  [[nodiscard]] http::Response answer(const http::Request& request, http::Context& context);
  [[nodiscard]] http::Response run(Call& call, const Route& route);
  // finish adds what all answers have: a nonce, the way to the directory, what scripts may see.
  [[nodiscard]] http::Response finish(const http::Request& request, std::string_view directory,
                                      bool wants_nonce, http::Response response) const;

  Acme& acme_;
  mutable Nonces nonces_;
  const http::RouteTable<Route> routes_;
};

}  // namespace chancery::acme
