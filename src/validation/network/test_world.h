#pragma once

#include <memory>
#include <string>

#include "base/fakes.h"
#include "base/metrics.h"
#include "validation/network/network_validator.h"
#include "validation/network/test_dns_server.h"
#include "validation/network/test_tcp_server.h"
#include "x509/cidr.h"

namespace chancery::validation::network::testing {

inline x509::Cidr cidr(std::string_view text) { return x509::Cidr::parse(text).value(); }
inline Bytes loopback() { return {127, 0, 0, 1}; }
inline Bytes loopback6() { return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}; }

inline constexpr TimePoint kNow = from_unix(1'772'323'200);

// World is a name server and settings that ask it, and allow loopback; a test starts the other
// servers.
struct World {
  World() {
    settings.standard.resolvers = {dns.endpoint()};
    settings.standard.dnssec = false;
    settings.standard.allow = {cidr("127.0.0.1/32"), cidr("::1/128")};
    // A machine under load answers late; what must time out here does so by never answering.
    settings.step_timeout = std::chrono::milliseconds(5'000);
    settings.timeout = std::chrono::milliseconds(20'000);
  }

  [[nodiscard]] std::unique_ptr<Validator> make() {
    return make_validator(settings, clock, metrics).value();
  }
  [[nodiscard]] Outcome validate(const Attempt& attempt) {
    return make()->validate(attempt, OnLane::outside_server());
  }
  [[nodiscard]] Outcome check_caa(const CaaQuestion& question) {
    return make()->check_caa(question, OnLane::outside_server());
  }

  DnsServer dns;
  Settings settings;
  FakeClock clock{kNow};
  Metrics metrics;
};

inline const std::string kToken = "DGyRejmCefe7v4NfDGDKfA";
inline const std::string kKeyAuthorization =
    kToken + ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";

inline Attempt attempt_for(Method method, const std::string& name) {
  Attempt attempt;
  attempt.method = method;
  attempt.identifier = {Identifier::Kind::kDns, name};
  attempt.token = kToken;
  attempt.key_authorization = kKeyAuthorization;
  attempt.account_url = "https://ca.test/acme/a/account/1";
  attempt.issuer_domains = {"ca.test"};
  return attempt;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
inline std::string seen_in(const Outcome& outcome) {
  std::string text;
  for (const Observation& one : outcome.observations) text += one.target + ": " + one.seen + "\n";
  return text;
}

}  // namespace chancery::validation::network::testing
