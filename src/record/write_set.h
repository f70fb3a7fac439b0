#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "record/event.h"

namespace chancery::record {

// What a state row holds. The numbers are stored: never reuse or renumber one.
enum class StateKind : std::uint8_t {
  kAuthority = 1,   // id: authority id
  kRole = 2,        // id: role name
  kToken = 3,       // id: hex SHA-256 of the token
  kRevocation = 4,  // id: id of a status identity + ":" + serial in hex
  kSettings = 5,    // id: which settings ("urls", "crl", "store", "restore")
  kCounter = 6,     // id: what is counted; the value is empty, the count is `counter`
  kCrl = 7,         // id: that of a status identity; the last published CRL's number and times
  kProfile = 8,     // id: profile name
  kBlockedKey = 9,  // id: hex SHA-256 of the SubjectPublicKeyInfo; of the tenant, in no mount
  kPolicy = 20,     // id: policy name; the value is its text
  kAccessor = 21,   // id: a token's accessor; the value is the token's row id
  kKey = 30,        // id: key id, which is the key store's

  // Mounts and authentication methods; those from kAppRole on have their auth mount's scope.
  kMount = 40,             // id: kind and path ("secret pki/", "auth approle/"); of the tenant
  kRemovedMount = 41,      // id: the storage of a removed mount whose rows are to go
  kTokenRole = 42,         // id: name of a token role; of the tenant
  kAppRole = 43,           // id: name of an AppRole role
  kAppRoleId = 44,         // id: hex SHA-256 of a role_id; the value is the role's name
  kSecretId = 45,          // id: role's own id + ":" + hash of the secret_id
  kSecretIdAccessor = 46,  // id: role's own id + ":" + accessor; the value is the hash
  kUser = 47,              // id: user name
  kCertificateRole = 48,   // id: name of a certificate role

  kCertificateCrl = 80,  // id: name of a CRL of a certificate mount

  kTidy = 50,           // id: "run"; the tidy under way, so that the next start goes on with it
  kHold = 51,           // id: as kRevocation's; stands beside it while a certificate is on hold
  kRevocationJob = 52,  // id: job id; what is asked for and how far it came

  // ACME. Directories are the tenant's; the rest has its directory's scope ("acme/<storage>/").
  kAcmeDirectory = 60,         // id: name of a directory
  kAcmeRemovedDirectory = 61,  // id: the storage of a removed directory whose rows are to go
  kAcmeAccount = 62,           // id: account id
  kAcmeAccountKey = 63,        // id: thumbprint of an account's key; the value is the account's id
  kAcmeEab = 64,               // id: key identifier of an external account binding
  kAcmeOrder = 65,             // id: account id + "/" + order id
  kAcmeAuthorization = 66,     // id: account id + "/" + authorisation id
  kAcmeLatest = 67,            // id: account id + "/" + identifier; the value is the id of the row
                               // of its latest authorisation
  kAcmeCertificate = 68,       // id: serial in hex; whose order it came from, and what replaced it
  kAcmeWork = 69,              // id: "validation/" or "finalize/" and the row's id: not done yet
  kAcmeFailures = 70,          // id: account id + "/" + identifier; how often it failed in a row
  kAcmeRenewal = 71,           // id: name of a renewal window
  kAcmeLimit = 72,             // id: what is limited; how much of a limit is used
  kAcmeKept = 73,              // id: as kAcmeOrder's; a certificate that stands nowhere else
};

struct StateKey {
  StateKind kind = StateKind::kAuthority;
  Scope scope;
  std::string id;

  friend bool operator==(const StateKey&, const StateKey&) = default;
};

// StateRow is a small current value. `version` starts at 1 and grows by one with each write; a row
// that was erased and made again starts at 1 again.
struct StateRow {
  StateKey key;
  Bytes value;
  std::uint64_t version = 0;
  std::int64_t counter = 0;
  std::uint16_t schema = 1;  // version of the value's encoding, chosen by its owner
};

// Precondition is checked inside the commit, after every set before it in the same batch took
// effect.
struct Precondition {
  enum class Test : std::uint8_t { kAbsent, kPresent, kVersion, kCounterAtLeast };
  Test test = Test::kAbsent;
  StateKey key;
  std::int64_t operand = 0;  // the version, or the least count
};

struct StateChange {
  enum class Operation : std::uint8_t {
    kPut,    // write `value`
    kErase,  // remove the row if it is there
    kAdd,    // add `delta` to the row's counter, making the row if it is absent
  };
  Operation operation = Operation::kPut;
  StateKey key;
  Bytes value;
  std::int64_t delta = 0;
  std::uint16_t schema = 1;
};

// LogEntry is one event with the certificate it brought, if any.
struct LogEntry {
  EventKind kind = EventKind::kCertificateIssued;
  Bytes event;        // encode()d
  Bytes certificate;  // DER; empty for events without one and for no_store
};

// WriteSet is what one request wants written: all of it, or nothing.
struct WriteSet {
  std::vector<Precondition> preconditions;
  std::vector<StateChange> changes;
  std::vector<LogEntry> entries;

  void require_absent(StateKey key);
  void require_version(StateKey key, std::uint64_t version);
  void put(StateKey key, Bytes value, std::uint16_t schema = 1);
  void erase(StateKey key);
  void append(Event event, Bytes certificate = {});
};

}  // namespace chancery::record
