#include "record/event.h"

#include <algorithm>
#include <array>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"

namespace chancery::record {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kMaxDetails = 256;

Result<std::string> read_text(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(text)) return reader.error("event text is not UTF-8");
  return std::string(text);
}

Result<std::vector<Detail>> read_details(asn1::Reader reader) {
  std::vector<Detail> details;
  while (!reader.empty()) {
    if (details.size() == kMaxDetails)
      return reader.error("event has too many details", Code::kTooLarge);
    asn1::Reader pair = TRY(reader.enter_sequence());
    Detail detail;
    detail.name = TRY(read_text(pair));
    detail.value = TRY(read_text(pair));
    TRY(pair.finish());
    if (!details.empty() && details.back().name >= detail.name)
      return reader.error("event details are not in order");
    details.push_back(std::move(detail));
  }
  return details;
}

}  // namespace

std::string_view name(EventKind kind) {
  switch (kind) {
    case EventKind::kAcmeDirectoryWritten:
      return "acme.directory.written";
    case EventKind::kAcmeDirectoryDeleted:
      return "acme.directory.deleted";
    case EventKind::kAcmeAccountCreated:
      return "acme.account.created";
    case EventKind::kAcmeAccountChanged:
      return "acme.account.changed";
    case EventKind::kAcmeAccountDeactivated:
      return "acme.account.deactivated";
    case EventKind::kAcmeKeyChanged:
      return "acme.key.changed";
    case EventKind::kAcmeEabCreated:
      return "acme.eab.created";
    case EventKind::kAcmeEabRevoked:
      return "acme.eab.revoked";
    case EventKind::kAcmeOrderCreated:
      return "acme.order.created";
    case EventKind::kAcmeOrderFailed:
      return "acme.order.failed";
    case EventKind::kAcmeAuthorizationCreated:
      return "acme.authorization.created";
    case EventKind::kAcmeAuthorizationDeactivated:
      return "acme.authorization.deactivated";
    case EventKind::kAcmeValidated:
      return "acme.challenge.passed";
    case EventKind::kAcmeValidationFailed:
      return "acme.challenge.failed";
    case EventKind::kAcmePaused:
      return "acme.name.paused";
    case EventKind::kAcmeUnpaused:
      return "acme.name.unpaused";
    case EventKind::kAcmeRenewalWritten:
      return "acme.renewal.written";
    case EventKind::kAcmeRenewalDeleted:
      return "acme.renewal.deleted";
    case EventKind::kCertificateIssued:
      return "certificate.issued";
    case EventKind::kCertificateRevoked:
      return "certificate.revoked";
    case EventKind::kAuthorityCreated:
      return "authority.created";
    case EventKind::kAuthorityChanged:
      return "authority.changed";
    case EventKind::kRoleWritten:
      return "role.written";
    case EventKind::kRoleDeleted:
      return "role.deleted";
    case EventKind::kTokenCreated:
      return "token.created";
    case EventKind::kTokenRevoked:
      return "token.revoked";
    case EventKind::kCrlPublished:
      return "crl.published";
    case EventKind::kSettingsWritten:
      return "settings.written";
    case EventKind::kStoreRestored:
      return "store.restored";
    case EventKind::kRestoreConfirmed:
      return "restore.confirmed";
    case EventKind::kProfileWritten:
      return "profile.written";
    case EventKind::kProfileDeleted:
      return "profile.deleted";
    case EventKind::kKeyBlocked:
      return "key.blocked";
    case EventKind::kKeyUnblocked:
      return "key.unblocked";
    case EventKind::kPolicyWritten:
      return "policy.written";
    case EventKind::kPolicyDeleted:
      return "policy.deleted";
    case EventKind::kTokenRenewed:
      return "token.renewed";
    case EventKind::kAuthorityDeleted:
      return "authority.deleted";
    case EventKind::kAuthorityRevoked:
      return "authority.revoked";
    case EventKind::kAuthorityRequested:
      return "authority.requested";
    case EventKind::kKeyCreated:
      return "key.created";
    case EventKind::kKeyImported:
      return "key.imported";
    case EventKind::kKeyChanged:
      return "key.changed";
    case EventKind::kKeyDeleted:
      return "key.deleted";
    case EventKind::kTidyStarted:
      return "tidy.started";
    case EventKind::kTidyFinished:
      return "tidy.finished";
    case EventKind::kCrlSigned:
      return "crl.signed";
    case EventKind::kMountCreated:
      return "mount.created";
    case EventKind::kMountTuned:
      return "mount.tuned";
    case EventKind::kMountMoved:
      return "mount.moved";
    case EventKind::kMountRemoved:
      return "mount.removed";
    case EventKind::kTokenRoleWritten:
      return "token_role.written";
    case EventKind::kTokenRoleDeleted:
      return "token_role.deleted";
    case EventKind::kAppRoleWritten:
      return "approle.written";
    case EventKind::kAppRoleDeleted:
      return "approle.deleted";
    case EventKind::kSecretIdCreated:
      return "secret_id.created";
    case EventKind::kSecretIdDestroyed:
      return "secret_id.destroyed";
    case EventKind::kUserWritten:
      return "user.written";
    case EventKind::kUserDeleted:
      return "user.deleted";
    case EventKind::kCertificateRoleWritten:
      return "certificate_role.written";
    case EventKind::kCertificateRoleDeleted:
      return "certificate_role.deleted";
    case EventKind::kCertificateCrlWritten:
      return "certificate_crl.written";
    case EventKind::kCertificateCrlDeleted:
      return "certificate_crl.deleted";
    case EventKind::kCertificateHeld:
      return "certificate.held";
    case EventKind::kCertificateReleased:
      return "certificate.released";
    case EventKind::kRevocationStarted:
      return "revocation.started";
    case EventKind::kRevocationFinished:
      return "revocation.finished";
  }
  return "unknown";
}

Bytes encode(Event event) {
  std::ranges::sort(event.details, {}, &Detail::name);
  asn1::Writer w(512);
  w.sequence([&] {
    w.integer(kVersion);
    w.integer(static_cast<std::int64_t>(event.kind), asn1::kEnumerated);
    w.generalized_time(event.time);
    w.element(asn1::kUtf8String, event.scope.tenant);
    w.element(asn1::kUtf8String, event.scope.mount);
    w.element(asn1::kUtf8String, event.actor);
    w.element(asn1::kUtf8String, event.request_id);
    w.element(asn1::kUtf8String, event.subject);
    w.sequence([&] {
      for (const Detail& detail : event.details) {
        w.sequence([&] {
          w.element(asn1::kUtf8String, detail.name);
          w.element(asn1::kUtf8String, detail.value);
        });
      }
    });
    if (event.certificate) w.element(asn1::context(0), *event.certificate);
  });
  return std::move(w).take();
}

Result<Event> decode(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != kVersion)
    return reader.error("event has an unknown version", Code::kUnsupported);
  Event event;
  const std::int64_t kind = TRY(reader.read_int64(asn1::kEnumerated));
  if (kind < 1 || kind > 255) return reader.error("event kind is out of range");
  event.kind = static_cast<EventKind>(kind);
  event.time = TRY(reader.read_generalized_time());
  event.scope.tenant = TRY(read_text(reader));
  event.scope.mount = TRY(read_text(reader));
  event.actor = TRY(read_text(reader));
  event.request_id = TRY(read_text(reader));
  event.subject = TRY(read_text(reader));
  const asn1::Reader details = TRY(reader.enter_sequence());
  event.details = TRY(read_details(details));
  if (const auto hash = TRY(reader.read_optional(asn1::context(0)))) {
    if (hash->size() != 32) return reader.error("event certificate hash has a wrong size");
    event.certificate.emplace();
    std::ranges::copy(*hash, event.certificate->begin());
  }
  TRY(reader.finish());
  return event;
}

crypto::Sha256 leaf_hash(BytesView encoded_event) {
  constexpr std::array<std::uint8_t, 1> kLeafPrefix{0x00};
  return crypto::sha256(kLeafPrefix, encoded_event);
}

std::string_view detail(const Event& event, std::string_view name) {
  const auto it = std::ranges::find(event.details, name, &Detail::name);
  return it == event.details.end() ? std::string_view{} : std::string_view(it->value);
}

}  // namespace chancery::record
