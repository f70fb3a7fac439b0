#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acme/directory.h"
#include "acme/orders.h"
#include "ca/service.h"

namespace chancery::acme {

// CertificateId is what RFC 9773 section 4.1 calls a certificate.
struct CertificateId {
  Bytes authority_key;  // keyIdentifier
  Bytes serial;         // content octets of the INTEGER
};
// read_certificate_id reads "<base64url>.<base64url>". Errors: kMalformed.
[[nodiscard]] Result<CertificateId> read_certificate_id(std::string_view text);
[[nodiscard]] std::string to_string(const CertificateId& id);

// Suggestion is when a certificate should be renewed.
struct Suggestion {
  TimePoint start;
  TimePoint end;
  std::string explanation;  // URL
  seconds retry_after{0};
};

// Renewals says when certificates should be renewed (RFC 9773), and keeps the windows in which an
// operator wants many renewed. Thread-safe.
class Renewals {
 public:
  Renewals(record::Store& store, ca::Service& ca, Directories& directories, const Clock& clock)
      : store_(store), ca_(ca), directories_(directories), clock_(clock) {}

  static constexpr std::size_t kMostWindows = 64;

  // suggest is for a certificate of the directory's mount. Errors: kNotFound.
  [[nodiscard]] Result<Suggestion> suggest(const LoadedDirectory& directory,
                                           const CertificateId& id) const;
  // replaced judges the "replaces" of an order (RFC 9773 section 5) and fills in what is to be
  // marked. Errors: malformed, unauthorized, alreadyReplaced.
  [[nodiscard]] Result<void> replace(const LoadedDirectory& directory, const LoadedAccount& account,
                                     const Orders& orders, Orders::Wanted& wanted) const;

  struct Listed {
    std::string name;
    Renewal row;
  };
  [[nodiscard]] Result<std::vector<Listed>> list(const record::Scope& scope) const;
  // put stages a window. Errors: kInvalidArgument with the field; kRefused (too many).
  [[nodiscard]] Result<record::Staged<Listed>> put(const access::Grant& grant,
                                                   const LoadedDirectory& directory,
                                                   std::string_view name, Renewal row,
                                                   std::string_view request_id) const;
  // erase stages its end. Errors: kNotFound.
  [[nodiscard]] Result<record::Staged<std::string>> erase(const access::Grant& grant,
                                                          const LoadedDirectory& directory,
                                                          std::string_view name,
                                                          std::string_view request_id) const;

 private:
  [[nodiscard]] Result<record::CertificateRow> find(const LoadedDirectory& directory,
                                                    const CertificateId& id) const;

  record::Store& store_;
  ca::Service& ca_;
  Directories& directories_;
  const Clock& clock_;
};

}  // namespace chancery::acme
