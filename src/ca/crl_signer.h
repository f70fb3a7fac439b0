#pragma once

#include <optional>
#include <span>
#include <vector>

#include "access/principal.h"
#include "ca/authority.h"
#include "ca/staged.h"
#include "x509/crl.h"

namespace chancery::ca {

// CrlOrder is a CRL that somebody else put together and an authority is to sign: it is not
// published here, and its number is the caller's affair.
struct CrlOrder {
  std::uint64_t number = 0;
  std::optional<std::uint64_t> delta_base;
  seconds validity{72 * 3600};
  Bytes entries;  // encoded, one after the other
  std::size_t count = 0;
  std::vector<x509::Extension> extensions;  // further ones; their values outlive the call
};

// sign_crl stages the signed CRL with an event that has its number, size and hash. A slow key needs
// a lane. Errors: kUnavailable (no key here), kInvalidArgument (an extension that this writes
// itself, one that stands twice), kInternal. Pure but for the signature.
[[nodiscard]] Result<Staged<Bytes>> sign_crl(const access::Grant& grant, const Authority& authority,
                                             const CrlOrder& order, TimePoint now,
                                             std::string_view request_id);

// merge_entries joins the entries of CRLs of one authority, each certificate once: its first entry.
// Returns how many there are. Errors: kRefused, with the index of a CRL that it did not sign.
[[nodiscard]] Result<std::size_t> merge_entries(const Authority& authority,
                                                std::span<const x509::CertificateList> lists,
                                                Bytes& entries);

}  // namespace chancery::ca
