#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ticket.h"
#include "base/time.h"

namespace chancery::validation {

// How control over an identifier is shown. The stored form is the number: never renumber one.
enum class Method : std::uint8_t {
  kHttp01 = 1,        // RFC 8555 section 8.3
  kDns01 = 2,         // RFC 8555 section 8.4
  kTlsAlpn01 = 3,     // RFC 8737
  kDnsAccount01 = 4,  // draft-ietf-acme-dns-account-label
  kDnsPersist01 = 5,  // draft-ietf-acme-dns-persist
};
[[nodiscard]] std::string_view name(Method method);  // "http-01"
[[nodiscard]] std::optional<Method> parse_method(std::string_view name);

// Identifier is a DNS name (lower-case A-labels, no final dot, without "*.") or an IP address in
// its canonical text (RFC 8738 section 3).
struct Identifier {
  enum class Kind : std::uint8_t { kDns = 1, kIp = 2 };
  Kind kind = Kind::kDns;
  std::string value;

  friend bool operator==(const Identifier&, const Identifier&) = default;
};

// Attempt is one try to validate one identifier.
struct Attempt {
  Method method = Method::kHttp01;
  Identifier identifier;
  bool wildcard = false;                    // the authorisation is for "*." + identifier
  std::string token;                        // of the challenge; empty for dns-persist-01
  std::string key_authorization;            // token + "." + thumbprint; empty for dns-persist-01
  std::string account_url;                  // dns-account-01 and dns-persist-01
  std::vector<std::string> issuer_domains;  // dns-persist-01: any of them may be named
  std::string zone;                         // whose resolver and network rules; "": the default's
};

// CaaQuestion asks whether the CAA records (RFC 8659, RFC 8657) let one of `issuer_domains` issue.
struct CaaQuestion {
  std::string name;  // as in Identifier, of kind kDns
  bool wildcard = false;
  Method method = Method::kHttp01;
  std::string account_url;
  std::vector<std::string> issuer_domains;
  std::string zone;
};

// Problem is why an attempt failed, in the classes of RFC 8555 section 6.7.
enum class Problem : std::uint8_t {
  kNone = 0,
  kConnection = 1,
  kDns = 2,
  kTls = 3,
  kUnauthorized = 4,
  kIncorrectResponse = 5,
  kCaa = 6,
  kServerInternal = 7,  // our own fault, or no capacity: the client is not to blame
};

// Observation is one step of an attempt as it was seen, for the client and for the operator's log.
struct Observation {
  TimePoint time;
  std::string target;  // "203.0.113.7 port 80, http://a.example/.well-known/…", "TXT _acme-…"
  std::string seen;    // "connection refused"; never the body of a page that did not match
};

struct Outcome {
  Problem problem = Problem::kNone;
  std::string detail;  // what was wrong and what to do, for the client; empty when it succeeded
  bool may_pass_later = false;  // a retry without a change by the client can succeed (time-outs)
  // dns-persist-01: until when the record lets itself be used (persistUntil).
  std::optional<TimePoint> valid_until;
  std::vector<Observation> observations;

  [[nodiscard]] bool succeeded() const { return problem == Problem::kNone; }
};

// Validator looks at the network on behalf of a CA. Thread-safe; both calls block for a bounded
// time, so they are for lanes only.
class Validator {
 public:
  Validator() = default;
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;
  virtual ~Validator() = default;

  [[nodiscard]] virtual Outcome validate(const Attempt& attempt, const OnLane& on_lane) = 0;
  [[nodiscard]] virtual Outcome check_caa(const CaaQuestion& question, const OnLane& on_lane) = 0;
};

}  // namespace chancery::validation
