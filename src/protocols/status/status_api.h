#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "ca/service.h"
#include "http/conditional.h"
#include "http/site.h"
#include "protocols/status/packed_crls.h"

namespace chancery::status {

struct Dependencies {
  ca::Service& service;
  ca::MountTable mounts;  // all PKI mounts; asked on any thread
  const Clock& clock;
  Log& log;
};

// StatusApi answers OCSP requests below "/ocsp" and gives out CRLs below "/crl", to everybody.
// Thread-safe.
class StatusApi final : public http::Application {
 public:
  explicit StatusApi(Dependencies dependencies);

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;
  [[nodiscard]] bool is_opaque(std::string_view raw_path) const override;

 private:
  [[nodiscard]] http::Response ocsp(const http::Request& request, http::Context& context);
  [[nodiscard]] http::Response crl(const http::Request& request, http::Context& context);
  // packed answers with a CRL in gzip.
  [[nodiscard]] http::Response packed(const http::Request& request, http::Context& context,
                                      const ca::PublishedCrl& crl, http::Validators now);

  const Dependencies use_;
  PackedCrls packed_crls_;
};

}  // namespace chancery::status
