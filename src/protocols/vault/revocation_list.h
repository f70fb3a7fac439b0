#pragma once

#include <list>
#include <string_view>
#include <vector>

#include "x509/crl.h"

namespace chancery::vault {

// RevocationList is the nested part of a request to sign-revocation-list. Move-only: the extensions
// look into `owned`.
struct RevocationList {
  RevocationList() = default;
  RevocationList(RevocationList&&) = default;
  RevocationList& operator=(RevocationList&&) = default;
  RevocationList(const RevocationList&) = delete;
  RevocationList& operator=(const RevocationList&) = delete;

  Bytes entries;  // DER of each entry, one after the other
  std::size_t count = 0;
  std::vector<x509::Extension> extensions;
  std::list<Bytes> owned;
};

// read_revocation_list reads "revoked_certs" and "extensions" of a JSON object that json::Body took
// already; of anything else nothing. Errors: kInvalidArgument in Vault's words, with the field;
// kTooLarge.
[[nodiscard]] Result<RevocationList> read_revocation_list(std::string_view body);

}  // namespace chancery::vault
