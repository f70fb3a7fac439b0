#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "ca/service.h"
#include "http/site.h"

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
  explicit StatusApi(Dependencies dependencies) : use_(std::move(dependencies)) {}

  [[nodiscard]] http::Response handle(const http::Request& request,
                                      http::Context& context) override;
  [[nodiscard]] std::string_view route_name(const http::Request& request) const override;
  [[nodiscard]] http::Response refuse(const http::Request& request,
                                      const Error& error) const override;
  [[nodiscard]] bool is_opaque(std::string_view raw_path) const override;

 private:
  [[nodiscard]] http::Response ocsp(const http::Request& request, http::Context& context);
  [[nodiscard]] http::Response crl(const http::Request& request, http::Context& context);
  // compressed gives a CRL in gzip; null: it has to be compressed on a lane. Errors: kInternal.
  [[nodiscard]] Result<std::shared_ptr<const Bytes>> compressed(
      const std::shared_ptr<const Bytes>& der, bool on_lane);

  const Dependencies use_;
  // The CRLs that were asked for in gzip last; an owner of each is held, so an address is one
  // CRL's.
  struct Packed {
    std::shared_ptr<const Bytes> der;
    std::shared_ptr<const Bytes> gzip;
  };
  std::mutex mutex_;
  std::deque<Packed> packed_;  // guarded by mutex_
};

}  // namespace chancery::status
