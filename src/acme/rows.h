#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/row_codec.h"
#include "base/random.h"
#include "record/write_set.h"
#include "validation/validation.h"

// The rows that ACME keeps. Statuses are the words of RFC 8555 section 7.1.6, numbered; what
// depends on the time or on other rows ("ready", "expired") is worked out by whoever reads.
namespace chancery::acme {

enum class Status : std::uint8_t {
  kPending = 0,
  kReady = 1,  // never stored
  kProcessing = 2,
  kValid = 3,
  kInvalid = 4,
  kDeactivated = 5,
  kExpired = 6,  // never stored
};
[[nodiscard]] std::string_view name(Status status);

// Name is an identifier of an order. Value.
struct Name {
  std::uint32_t kind = 1;  // validation::Identifier::Kind
  std::string value;       // without "*."
  bool wildcard = false;

  [[nodiscard]] validation::Identifier identifier() const {
    return {static_cast<validation::Identifier::Kind>(kind), value};
  }
  [[nodiscard]] bool is_ip() const { return kind == 2; }
  // text is what a client calls it: "*.example.com".
  [[nodiscard]] std::string text() const { return (wildcard ? "*." : "") + value; }
  // key is unique among the names of all kinds.
  [[nodiscard]] std::string key() const { return (is_ip() ? "ip:" : "dns:") + text(); }

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.kind);
    visit(self.value);
    visit(self.wildcard);
  }
  friend bool operator==(const Name&, const Name&) = default;
};

// Fault is why something failed, as a problem type of RFC 8555 section 6.7 without its prefix.
struct Fault {
  std::string type;  // "unauthorized"; "" for none
  std::string detail;

  [[nodiscard]] explicit operator bool() const { return !type.empty(); }
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.type);
    visit(self.detail);
  }
};

// Bounds are what an account may do; those of an external account binding become the account's.
// Empty lists bound nothing.
struct Bounds {
  std::vector<std::string> names;     // exactly these, "*.example.com" among them
  std::vector<std::string> suffixes;  // "example.com": it, everything below it and wildcards there
  std::vector<std::string> networks;  // of IP identifiers: "10.0.0.0/8"
  std::vector<std::string> profiles;  // of the directory
  seconds max_lifetime{0};            // of certificates; 0: the profile's
  std::uint32_t orders_per_day = 0;   // 0: any
  bool skip_challenges = false;

  [[nodiscard]] bool bounds_names() const {
    return !names.empty() || !suffixes.empty() || !networks.empty();
  }
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.names);
    visit(self.suffixes);
    visit(self.networks);
    visit(self.profiles);
    visit(self.max_lifetime);
    visit(self.orders_per_day);
    visit(self.skip_challenges);
  }
};

struct Account {
  static constexpr std::int64_t kVersion = 1;

  std::uint32_t status = static_cast<std::uint32_t>(Status::kValid);
  std::vector<std::string> contacts;
  std::string agreed_terms;  // the URL that was agreed to
  TimePoint created;
  Bytes spki;
  std::string thumbprint;
  std::string url;  // as the client was told at first: accounturi of CAA and of DNS records
  std::string eab;  // key identifier of the binding; "": none
  Bounds bounds;

  [[nodiscard]] bool valid() const { return status == static_cast<std::uint32_t>(Status::kValid); }
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.status);
    visit(self.contacts);
    visit(self.agreed_terms);
    visit(self.created);
    visit(self.spki);
    visit(self.thumbprint);
    visit(self.url);
    visit(self.eab);
    visit(self.bounds);
  }
};

// Eab is an external account binding: a key identifier and MAC key that somebody outside of ACME
// was given.
struct Eab {
  static constexpr std::int64_t kVersion = 1;

  Bytes key;  // empty once it is used up: nobody needs it any more
  std::string description;
  TimePoint created;
  std::optional<TimePoint> expires;
  std::uint32_t most_accounts = 1;  // 0: any number
  std::uint32_t accounts = 0;       // that were made with it
  std::string account;              // the latest of them
  bool revoked = false;
  Bounds bounds;

  [[nodiscard]] bool used_up() const { return most_accounts != 0 && accounts >= most_accounts; }
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.key);
    visit(self.description);
    visit(self.created);
    visit(self.expires);
    visit(self.most_accounts);
    visit(self.accounts);
    visit(self.account);
    visit(self.revoked);
    visit(self.bounds);
  }
};

struct Challenge {
  std::uint32_t method = 1;  // validation::Method
  std::string token;
  std::uint32_t status = 0;
  std::optional<TimePoint> validated;
  Fault error;  // of the last attempt
  std::uint32_t attempts = 0;

  [[nodiscard]] validation::Method kind() const { return static_cast<validation::Method>(method); }
  [[nodiscard]] Status state() const { return static_cast<Status>(status); }
  void become(Status next) { status = static_cast<std::uint32_t>(next); }
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.method);
    visit(self.token);
    visit(self.status);
    visit(self.validated);
    visit(self.error);
    visit(self.attempts);
  }
};

struct Authorization {
  static constexpr std::int64_t kVersion = 1;

  Name name;
  std::uint32_t status = 0;
  TimePoint created;
  TimePoint expires;
  std::string profile;                // of the order it was made for
  std::vector<Challenge> challenges;  // none where they were skipped
  std::optional<TimePoint> caa_checked;

  [[nodiscard]] Status stored() const { return static_cast<Status>(status); }
  void become(Status next) { status = static_cast<std::uint32_t>(next); }
  // state is the status as of `now`.
  [[nodiscard]] Status state(TimePoint now) const;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.name);
    visit(self.status);
    visit(self.created);
    visit(self.expires);
    visit(self.profile);
    visit(self.challenges);
    visit(self.caa_checked);
  }
};

struct Order {
  static constexpr std::int64_t kVersion = 1;

  std::uint32_t status = 0;
  TimePoint created;
  TimePoint expires;
  std::vector<Name> names;
  std::vector<std::string> authorizations;  // row ids, one for each name
  std::string profile;                      // as the client calls it
  std::optional<TimePoint> not_before;
  std::optional<TimePoint> not_after;
  std::string replaces;
  Bytes csr;           // while it is processed
  std::string serial;  // of the certificate, in hex
  std::optional<TimePoint> certificate_ends;
  Fault error;

  [[nodiscard]] Status stored() const { return static_cast<Status>(status); }
  void become(Status next) { status = static_cast<std::uint32_t>(next); }
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.status);
    visit(self.created);
    visit(self.expires);
    visit(self.names);
    visit(self.authorizations);
    visit(self.profile);
    visit(self.not_before);
    visit(self.not_after);
    visit(self.replaces);
    visit(self.csr);
    visit(self.serial);
    visit(self.certificate_ends);
    visit(self.error);
  }
};

// OwnCertificate says whose order a certificate came from.
struct OwnCertificate {
  static constexpr std::int64_t kVersion = 1;

  std::string account;
  std::string order;     // row id
  std::string replaced;  // row id of the order that is to replace it; "": none
  TimePoint ends;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.account);
    visit(self.order);
    visit(self.replaced);
    visit(self.ends);
  }
};

// Failures counts how often in a row an account could not show control over a name.
struct Failures {
  static constexpr std::int64_t kVersion = 1;

  std::uint32_t count = 0;
  TimePoint latest;
  std::string detail;
  std::optional<TimePoint> paused;  // since when no order is taken

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.count);
    visit(self.latest);
    visit(self.detail);
    visit(self.paused);
  }
};

// Renewal is an operator's word that certificates are to be renewed within a window.
struct Renewal {
  static constexpr std::int64_t kVersion = 1;

  TimePoint start;
  TimePoint end;
  TimePoint issued_before;  // certificates whose validity began before then
  std::string suffix;       // with a name that ends so; "": whatever name
  std::string explanation;  // URL

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.start);
    visit(self.end);
    visit(self.issued_before);
    visit(self.suffix);
    visit(self.explanation);
  }
};

// Used is how much of a limit is used (limits.h).
struct Used {
  static constexpr std::int64_t kVersion = 1;

  TimePoint free_at;  // when all of it is free again

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.free_at);
  }
};

// KeptCertificate is an order's certificate that is not in the inventory (no_store of its profile):
// for a while, so that the client can fetch it (RFC 8555 section 7.4.2).
struct KeptCertificate {
  static constexpr std::int64_t kVersion = 1;

  std::string issuer;  // id of the authority
  Bytes der;
  TimePoint until;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.issuer);
    visit(self.der);
    visit(self.until);
  }
};

// Row is a decoded row with the version that a change of it has to find.
template <class T>
struct Row {
  T value;
  std::uint64_t version = 0;
};

// draw_id draws 128 random bits as 22 characters that stand in a URL.
[[nodiscard]] std::string draw_id(Random& random);

[[nodiscard]] record::StateKey account_key(const record::Scope& scope, std::string_view id);
[[nodiscard]] record::StateKey thumbprint_key(const record::Scope& scope, std::string_view print);
[[nodiscard]] record::StateKey eab_key(const record::Scope& scope, std::string_view id);
[[nodiscard]] record::StateKey order_key(const record::Scope& scope, std::string_view id);
[[nodiscard]] record::StateKey authorization_key(const record::Scope& scope, std::string_view id);
[[nodiscard]] record::StateKey latest_key(const record::Scope& scope, std::string_view account,
                                          const Name& name);
[[nodiscard]] record::StateKey certificate_key(const record::Scope& scope, std::string_view serial);
[[nodiscard]] record::StateKey failures_key(const record::Scope& scope, std::string_view account,
                                            const Name& name);
[[nodiscard]] record::StateKey renewal_key(const record::Scope& scope, std::string_view name);
[[nodiscard]] record::StateKey limit_key(const record::Scope& scope, std::string_view what);
[[nodiscard]] record::StateKey kept_key(const record::Scope& scope, std::string_view order);
[[nodiscard]] record::StateKey validation_work(const record::Scope& scope, std::string_view id);
[[nodiscard]] record::StateKey finalize_work(const record::Scope& scope, std::string_view id);

// owner_of is the account in the id of an order or authorisation.
[[nodiscard]] std::string_view owner_of(std::string_view row_id);

}  // namespace chancery::acme
