#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ca/service.h"

namespace chancery::ca {

enum class StatusHealth : std::uint8_t {
  kOk,
  kDue,  // less than a tenth of its validity is left, and nobody renewed it
  kExpired,
  kBadSignature,  // not by the authority's key
  kMissing,       // there is none; the reason says why
};
[[nodiscard]] std::string_view name(StatusHealth health);  // "ok"

// CrlReport tells how one of an authority's CRLs is.
struct CrlReport {
  std::shared_ptr<const Authority> authority;
  CrlName name = CrlKind::kComplete;
  std::shared_ptr<const PublishedCrl> crl;  // null: missing
  StatusHealth health = StatusHealth::kOk;
  std::string reason;  // of all but kOk
};
// file_name is the last part of the CRL's public path without ".crl": "full", "delta", "16-3",
// "16-3-delta". crl_name reads it; nothing: it is none.
[[nodiscard]] std::string file_name(const CrlName& name);
[[nodiscard]] std::optional<CrlName> crl_name(std::string_view file);

// ResponderReport tells how an authority's OCSP responder is.
struct ResponderReport {
  std::shared_ptr<const Authority> authority;
  StatusHealth health = StatusHealth::kOk;
  std::string reason;
};

// CrlWatch makes the CRLs that nobody asked for in time, and tells how all of a mount's CRLs and
// responders are. Thread-safe.
class CrlWatch {
 public:
  CrlWatch(Service& service, const Clock& clock) : service_(service), clock_(clock) {}

  // tend publishes what is due: after a revocation within the mount's publish_within, and by the
  // clock. Every second, from one thread. Errors: those of reading the authorities.
  [[nodiscard]] Result<std::vector<CrlReport>> tend(const record::Scope& scope,
                                                    const OnLane& on_lane);
  // look tells of the CRLs as they would be given out now.
  [[nodiscard]] Result<std::vector<CrlReport>> look(const record::Scope& scope,
                                                    const OnLane& on_lane);
  // responders asks each authority's responder about a certificate.
  [[nodiscard]] Result<std::vector<ResponderReport>> responders(const record::Scope& scope);
  // problems are sentences about what the last `tend` of a mount found wrong. Does not block.
  [[nodiscard]] std::vector<std::string> problems(const record::Scope& scope) const;

 private:
  struct Seen {
    std::shared_ptr<const PublishedCrl> crl;
    bool signature_ok = false;
  };
  [[nodiscard]] Result<std::vector<CrlReport>> go_through(const record::Scope& scope, bool waits,
                                                          const OnLane& on_lane);
  [[nodiscard]] CrlReport report(const std::shared_ptr<const Authority>& authority,
                                 const CrlName& name, bool waits, const OnLane& on_lane);
  [[nodiscard]] bool may_wait(const std::shared_ptr<const Authority>& authority,
                              const CrlName& name, const Seen& seen, seconds publish_within);

  Service& service_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards the rest
  std::map<std::string, Seen, std::less<>> seen_;
  std::map<std::string, std::vector<std::string>, std::less<>> problems_;  // by scope
};

}  // namespace chancery::ca
