#pragma once

#include <vector>

#include "acme_test_server/faults.h"
#include "acme_test_server/hierarchy.h"
#include "acme_test_server/memory_keys.h"
#include "acme_test_server/renewal_overrides.h"
#include "base/log.h"
#include "http/route_table.h"
#include "http/site.h"

namespace chancery::acme_test {

// ManagementApi is Pebble's management interface: certificates and private keys of the hierarchy,
// the status of certificates, and what is to go wrong ("/faults"). Whoever reaches it has the
// server: it is for tests. Thread-safe.
class ManagementApi final : public http::Application {
 public:
  struct Use {
    ca::Service& ca;
    record::Scope scope;
    const MemoryKeys& keys;
    const std::vector<Chain>& chains;
    Faults& faults;
    RenewalOverrides& renewals;
    Log& log;
  };
  explicit ManagementApi(Use use) : use_(std::move(use)) {}

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;

 private:
  struct Row {
    std::string_view method;
    std::string_view pattern;  // with one variable at most
    http::Response (ManagementApi::*handler)(const http::Request&, std::string_view);
  };
  [[nodiscard]] static http::RouteTable<Row>::Target find(const http::Request& request);

  [[nodiscard]] http::Response show_root(const http::Request& request, std::string_view number);
  [[nodiscard]] http::Response show_root_key(const http::Request& request, std::string_view number);
  [[nodiscard]] http::Response show_intermediate(const http::Request& request,
                                                 std::string_view number);
  [[nodiscard]] http::Response show_intermediate_key(const http::Request& request,
                                                     std::string_view number);
  [[nodiscard]] http::Response show_status(const http::Request& request, std::string_view serial);
  [[nodiscard]] http::Response set_renewal(const http::Request& request, std::string_view);
  [[nodiscard]] http::Response show_faults(const http::Request& request, std::string_view);
  [[nodiscard]] http::Response set_faults(const http::Request& request, std::string_view);
  [[nodiscard]] http::Response reset_faults(const http::Request& request, std::string_view);

  [[nodiscard]] const Chain* chain(std::string_view number) const;
  [[nodiscard]] http::Response with_alternates(const http::Request& request,
                                               std::string_view number, std::string_view path,
                                               http::Response response) const;
  [[nodiscard]] http::Response key_answer(const http::Request& request, std::string_view number,
                                          std::string_view path, const std::string& id) const;

  const Use use_;
};

}  // namespace chancery::acme_test
