#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "ca/service.h"
#include "net/tls.h"

namespace chancery::server {

// OwnCertificate is the server's TLS certificate: issued by its own authority, recorded like any
// other, for a key that lives in memory only. It is renewed after two thirds of its lifetime and
// when the default authority changes; connections that exist keep what they have. Thread-safe, but
// everything except context() waits for a commit: never call it on a reactor.
class OwnCertificate {
 public:
  OwnCertificate(ca::Service& ca, const Clock& clock, Metrics& metrics, Log& log);

  // A certificate that is recorded, but not in use yet.
  struct Made {
    std::vector<std::string> names;
    std::string authority;  // its id
    TimePoint not_after;
    TimePoint renew_at;
    net::TlsServerOptions tls;
  };
  // make issues a certificate for these names (DNS names and IP addresses); what is in use stays in
  // use. Errors: kNotFound (no default authority), those of issuing.
  [[nodiscard]] Result<Made> make(const std::vector<std::string>& names);
  // install puts it to use. On error nothing changes.
  [[nodiscard]] Result<void> install(Made made);

  // context is what the listener needs; null before the first install.
  [[nodiscard]] std::shared_ptr<net::TlsServerContext> context() const;

  // tend renews where that is due. A failure is logged and counted, and tried again after a minute,
  // then after two, and so on up to an hour. To be called every few seconds.
  void tend();

 private:
  [[nodiscard]] bool due(TimePoint now) const;
  [[nodiscard]] Result<void> install_locked(Made made);
  void failed(const Error& error, TimePoint now);

  ca::Service& ca_;
  const Clock& clock_;
  Log& log_;
  Gauge& expiry_;
  Counter& renewals_;
  Counter& failures_;

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::shared_ptr<net::TlsServerContext> context_;
  std::vector<std::string> names_;
  std::string authority_;
  TimePoint not_after_;
  TimePoint renew_at_;
  TimePoint retry_at_;
  seconds back_off_{0};
};

}  // namespace chancery::server
