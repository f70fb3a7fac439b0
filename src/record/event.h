#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"

namespace chancery::record {

// What happened. The numbers are part of the stored encoding: never reuse or renumber one.
enum class EventKind : std::uint8_t {
  kCertificateIssued = 1,
  kCertificateRevoked = 2,
  kAuthorityCreated = 3,
  kAuthorityChanged = 4,
  kRoleWritten = 5,
  kRoleDeleted = 6,
  kTokenCreated = 7,
  kTokenRevoked = 8,
  kCrlPublished = 9,
  kSettingsWritten = 10,
  kProfileWritten = 11,
  kProfileDeleted = 12,
  kKeyBlocked = 13,
  kKeyUnblocked = 14,
  kStoreRestored = 20,
  kRestoreConfirmed = 21,
  kPolicyWritten = 30,
  kPolicyDeleted = 31,
  kTokenRenewed = 32,
  kAuthorityDeleted = 40,
  kAuthorityRevoked = 41,
  kAuthorityRequested = 42,  // a certificate request for an authority to come
  kKeyCreated = 43,
  kKeyImported = 44,
  kKeyChanged = 45,
  kKeyDeleted = 46,
  kTidyStarted = 80,
  kTidyFinished = 81,
  kCrlSigned = 82,  // one that somebody else wrote down: not published here
  kMountCreated = 60,
  kMountTuned = 61,
  kMountMoved = 62,
  kMountRemoved = 63,
  kTokenRoleWritten = 64,
  kTokenRoleDeleted = 65,
  kAppRoleWritten = 66,
  kAppRoleDeleted = 67,
  kSecretIdCreated = 68,
  kSecretIdDestroyed = 69,
  kUserWritten = 70,
  kUserDeleted = 71,
  kCertificateRoleWritten = 72,
  kCertificateRoleDeleted = 73,
  kCertificateCrlWritten = 120,  // of a certificate mount
  kCertificateCrlDeleted = 121,
  kAcmeDirectoryWritten = 100,
  kAcmeDirectoryDeleted = 101,
  kAcmeAccountCreated = 102,
  kAcmeAccountChanged = 103,
  kAcmeAccountDeactivated = 104,
  kAcmeKeyChanged = 105,
  kAcmeEabCreated = 106,
  kAcmeEabRevoked = 107,
  kAcmeOrderCreated = 108,
  kAcmeOrderFailed = 109,
  kAcmeAuthorizationCreated = 110,  // before there is an order for it
  kAcmeAuthorizationDeactivated = 111,
  kAcmeValidated = 112,
  kAcmeValidationFailed = 113,
  kAcmePaused = 114,
  kAcmeUnpaused = 115,
  kAcmeRenewalWritten = 116,
  kAcmeRenewalDeleted = 117,
  kCertificateHeld = 90,      // revoked for the time being: it can be released
  kCertificateReleased = 91,  // from a hold
  kRevocationStarted = 92,    // of many certificates, as a job
  kRevocationFinished = 93,
};
[[nodiscard]] std::string_view name(EventKind kind);  // "certificate.issued"

// Scope says whose a row or event is: the tenant, and the mount (with its trailing slash, "pki/")
// that speaks for it. Empty mount: the tenant's own.
struct Scope {
  std::string tenant = "root";
  std::string mount;

  friend bool operator==(const Scope&, const Scope&) = default;
};

// Detail is one named fact of an event; names are lower_snake_case and unique within the event.
struct Detail {
  std::string name;
  std::string value;
};

// Event is one line of history: who did what to what, when, and on whose behalf it was asked.
struct Event {
  EventKind kind = EventKind::kCertificateIssued;
  TimePoint time;
  Scope scope;
  std::string actor;       // the principal's display form; "system" for the program itself
  std::string request_id;  // as given to the client; empty when no request asked
  std::string subject;     // the thing's id: serial number in hex, role name, authority id
  std::vector<Detail> details;
  // SHA-256 of the certificate that this event is about, kept when the DER itself is not
  // (no_store).
  std::optional<crypto::Sha256> certificate;
};

// encode gives the event's one canonical form (DER; details sorted by name), which is what the log
// stores and what a Merkle leaf is computed over. decode refuses anything encode would not write.
//
//   Event ::= SEQUENCE { version INTEGER (1), kind ENUMERATED, time GeneralizedTime, tenant
//   UTF8String,
//     mount UTF8String, actor UTF8String, requestId UTF8String, subject UTF8String,
//     details SEQUENCE OF SEQUENCE { name UTF8String, value UTF8String },
//     certificate [0] IMPLICIT OCTET STRING (SIZE (32)) OPTIONAL }
[[nodiscard]] Bytes encode(Event event);
[[nodiscard]] Result<Event> decode(BytesView der);

// leaf_hash is RFC 6962's: SHA-256(0x00 || encoded event).
[[nodiscard]] crypto::Sha256 leaf_hash(BytesView encoded_event);

// detail returns the value of a named fact, or "".
[[nodiscard]] std::string_view detail(const Event& event, std::string_view name);

}  // namespace chancery::record
