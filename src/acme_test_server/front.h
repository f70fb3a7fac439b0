#pragma once

#include <string>

#include "acme_test_server/faults.h"
#include "acme_test_server/renewal_overrides.h"
#include "base/log.h"
#include "protocols/acme/acme_api.h"

namespace chancery::acme_test {

// Front stands before the ACME server's own front end: it refuses what a test wants refused, and
// what Pebble refuses and RFC 8555 leaves to servers; it adds "/dir", Pebble's path of the
// directory, and "/terms". All else is the ACME server's answer. Thread-safe.
class Front final : public http::Application {
 public:
  struct Use {
    acme::AcmeApi& api;
    std::string directory;  // its name
    Faults& faults;
    const RenewalOverrides& renewals;
    bool strict = false;
    Log& log;
  };
  explicit Front(Use use) : use_(std::move(use)) {}

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;

 private:
  [[nodiscard]] Result<void> judge(const http::Request& request) const;

  const Use use_;
};

}  // namespace chancery::acme_test
