#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/log.h"
#include "ca/authority_directory.h"
#include "ca/status_settings.h"
#include "crypto/private_key.h"

namespace chancery::ca {

class Service;

// Delegate signs OCSP answers in an authority's place (RFC 6960 section 4.2.2.2). Immutable.
struct Delegate {
  crypto::PrivateKey key;
  crypto::SignatureScheme scheme;
  crypto::Sha1 key_sha1{};
  Bytes certificate;  // DER
  TimePoint not_before;
  TimePoint not_after;
  TimePoint renew_at;
  bool slow = false;  // it signs on a lane
};

// OcspDelegates makes the responders of the authorities for which they are wanted and replaces each
// when half of its life is over. Their keys never leave memory: a start makes new ones.
// Thread-safe.
class OcspDelegates {
 public:
  OcspDelegates(Service& service, AuthorityDirectory& directory, StatusSettingsStore& settings,
                const Clock& clock, Log& log)
      : service_(service), directory_(directory), settings_(settings), clock_(clock), log_(log) {}

  // find gives the responder that may sign for an authority now. Null: the authority does itself.
  [[nodiscard]] std::shared_ptr<const Delegate> find(const Authority& authority);
  // tend makes what a mount lacks. Often, from one thread that may block.
  void tend(const record::Scope& scope, const OnLane& on_lane);

 private:
  struct Slot {
    std::shared_ptr<const Delegate> delegate;
    TimePoint try_again;
  };
  [[nodiscard]] bool due(const Authority& authority, TimePoint now);
  [[nodiscard]] Result<Delegate> make(const std::shared_ptr<const Authority>& authority,
                                      seconds validity, const OnLane& on_lane);

  Service& service_;
  AuthorityDirectory& directory_;
  StatusSettingsStore& settings_;
  const Clock& clock_;
  Log& log_;
  std::mutex mutex_;
  std::map<std::string, Slot, std::less<>> slots_;  // by cache_key of the authority
};

}  // namespace chancery::ca
