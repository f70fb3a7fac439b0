#pragma once

#include <string_view>

#include "acme/orders.h"
#include "ca/service.h"

namespace chancery::acme {

// Revocations revokes what clients ask for (RFC 8555 section 7.6). Thread-safe.
class Revocations {
 public:
  Revocations(record::Store& store, ca::Service& ca, Directories& directories, Orders& orders)
      : store_(store), ca_(ca), directories_(directories), orders_(orders) {}

  // revoke stages the revocation of a certificate of the directory's mount, for the account that
  // ordered it, another one that is authorised for all its names, or (account null) whoever has
  // signed with the certificate's own key, which the caller has verified: with reason
  // keyCompromise that key is blocked as well, and a job revokes all other certificates of the
  // mount that have it, whoever ordered them. That reads a list: not on a reactor. Errors:
  // malformed, unauthorized, alreadyRevoked.
  [[nodiscard]] Result<ca::Staged<ca::Service::Revoked>> revoke(
      const LoadedDirectory& directory, const LoadedAccount* account,
      const x509::Certificate& certificate, x509::ReasonCode reason, std::string_view request_id);

  // read_reason takes the reasons that a subscriber can give: 0, 1, 4, 5. Errors:
  // badRevocationReason.
  [[nodiscard]] static Result<x509::ReasonCode> read_reason(std::string_view digits);

 private:
  [[nodiscard]] Result<void> check_account(const LoadedDirectory& directory,
                                           const LoadedAccount& account,
                                           const x509::Certificate& certificate) const;

  record::Store& store_;
  ca::Service& ca_;
  Directories& directories_;
  Orders& orders_;
};

}  // namespace chancery::acme
