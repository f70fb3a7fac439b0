#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.h"
#include "record/store.h"
#include "x509/certificate.h"

namespace chancery::ca {

struct AuthorityRecord;

// StatusIdentity is what relying parties take an authority for. They look for a CRL by its issuer's
// name and key (RFC 5280 section 6.3.3), for an OCSP answer by the hashes of both (RFC 6960 section
// 4.1.1). So the issuers of a mount that have both in common (twins: an authority and its
// cross-signed or renewed certificates) share one, with its revocations, its CRLs and their
// numbers, also after some of them are deleted.
struct StatusIdentity {
  // Of its rows and files: the first issuer's id; where twins had rows of their own before they
  // were found to be twins, a new one.
  std::string id;
  std::vector<std::string> elders = {};   // ids whose rows count as well; nothing is added there
  std::vector<std::string> members = {};  // further issuers, deleted ones too, without rows
  // Of the issuers that are there; not stored.
  std::vector<std::string> crl_urls = {};
  std::vector<std::string> delta_crl_urls = {};

  // covers says whether certificates of this issuer belong to it.
  [[nodiscard]] bool covers(std::string_view issuer_id) const;
  // sources are the ids under which there may be rows, its own first.
  [[nodiscard]] std::vector<std::string_view> sources() const;
};

// Those of a mount that have more than one id.
using StatusIdentities = std::vector<StatusIdentity>;

// Codec of the row that keeps them: DER, refusing what encode would not write.
//
//   Identities ::= SEQUENCE { version INTEGER (1), identities SEQUENCE OF SEQUENCE {
//     id UTF8String, elders, members SEQUENCE OF UTF8String } }
[[nodiscard]] Bytes encode(const StatusIdentities& identities);
[[nodiscard]] Result<StatusIdentities> decode_status_identities(BytesView der);
[[nodiscard]] record::StateKey status_identities_key(const record::Scope& scope);
// read_status_identities gives what is stored, or none.
[[nodiscard]] Result<StatusIdentities> read_status_identities(const record::StateReader& reader,
                                                              const record::Scope& scope);

// name_and_key is a digest of what twins have in common: subject and SubjectPublicKeyInfo, octet by
// octet.
[[nodiscard]] crypto::Sha256 name_and_key(const x509::Certificate& certificate);

// identity_of finds the identity that covers an issuer: one of `identities`, or one of its own.
[[nodiscard]] StatusIdentity identity_of(const StatusIdentities& identities,
                                         std::string_view issuer_id);

// unite joins the identities of issuers that are there and are twins. A store that was written
// before there were identities gets them so, the same ones each time. Errors: those of parsing the
// certificates.
[[nodiscard]] Result<StatusIdentities> unite(StatusIdentities identities,
                                             const std::vector<AuthorityRecord>& present);

// admit adds an issuer that is not stored yet to the identity of its twins. Errors: kTooLarge (it
// had over a thousand).
[[nodiscard]] Result<void> admit(StatusIdentities& identities, std::string issuer_id,
                                 const std::vector<std::string>& twins);

// deleted_issuers reads in the history which issuers of a mount were deleted, by name_and_key.
using DeletedIssuers = std::multimap<crypto::Sha256, std::string>;
[[nodiscard]] Result<DeletedIssuers> deleted_issuers(const record::LogReader& log,
                                                     const record::Scope& scope);

}  // namespace chancery::ca
