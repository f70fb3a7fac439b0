#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "ca/authority.h"
#include "ca/blocked_keys.h"
#include "ca/crl_publisher.h"
#include "ca/mount_table.h"
#include "ca/ocsp_cache.h"
#include "ca/restoration.h"
#include "ca/staged.h"
#include "ca/status_settings.h"
#include "crypto/weak_key_list.h"
#include "policy/authorization.h"
#include "record/store.h"

namespace chancery::ca {

// Issued is a signed certificate with what clients ask about it.
struct Issued {
  std::shared_ptr<const Authority> authority;
  x509::Certificate certificate;
  std::vector<std::string> warnings;  // of the lints, for certificates of profiles
  bool stored = true;                 // false: its profile has no_store, and nobody keeps the DER
};

// Revocation is the state of a revoked certificate.
struct Revocation {
  TimePoint revoked_at;
  x509::ReasonCode reason = x509::ReasonCode::kUnspecified;
  std::optional<TimePoint> invalid_since;
};
// RevocationWish is what somebody wants a certificate revoked for; a reason alone is one.
struct RevocationWish {
  RevocationWish() = default;
  RevocationWish(x509::ReasonCode why, std::optional<TimePoint> since = std::nullopt)
      : reason(why), invalid_since(since) {}
  // kCertificateHold can be released; every other reason is for good.
  x509::ReasonCode reason = x509::ReasonCode::kUnspecified;
  std::optional<TimePoint> invalid_since;  // since when the key is thought to be lost
};
[[nodiscard]] Bytes encode(const Revocation& revocation);
[[nodiscard]] Result<Revocation> decode_revocation(BytesView der);
// Rows lie under the id of a status identity (status_identity.h).
[[nodiscard]] record::StateKey revocation_key(const record::Scope& scope,
                                              std::string_view status_id, BytesView serial);
// hold_key is the row that stands beside a revocation while the certificate is on hold.
[[nodiscard]] record::StateKey hold_key(const record::Scope& scope, std::string_view status_id,
                                        BytesView serial);

// find_revocation gives the row of a revoked certificate of any of an identity's issuers, or
// nothing.
[[nodiscard]] Result<std::optional<record::StateRow>> find_revocation(
    const record::StateReader& state, const record::Scope& scope, const StatusIdentity& status,
    BytesView serial);

// StoredCertificate is a certificate as the log holds it, with its present state.
struct StoredCertificate {
  record::CertificateRow row;
  Bytes der;
  std::optional<Revocation> revocation;
};

// plan makes the exact TBS bytes of a certificate: pure. Errors: kRefused (outlives the issuer, no
// names), kInvalidArgument.
[[nodiscard]] Result<Bytes> plan(const policy::CertificateContent& content, const Authority& issuer,
                                 BytesView serial);

// make_serial draws 19 octets: cell (0x01..0x7f), expiry month since 1970-01 (2), 16 random.
[[nodiscard]] Bytes make_serial(std::uint8_t cell, TimePoint not_after, Random& random);

class ClockWatch;
class CrlWatch;
class Hierarchy;
class MassRevocation;
class Tidier;
struct CrlOrder;
struct Linted;
struct PlanIssuer;

struct Dependencies {
  record::Store& store;
  keys::KeyStore& keys;
  const Clock& clock;
  Random& random;
  Log& log;
  ClockWatch* clock_watch = nullptr;                       // null: the clock is always believed
  std::shared_ptr<const crypto::WeakKeyList> weak_keys{};  // no list: nothing
};

// Service is the certification authority function of this node: every certificate, revocation, CRL
// and OCSP answer of every protocol comes out of it. Thread-safe.
class Service {
 public:
  explicit Service(const Dependencies& dependencies);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // authority finds by "default", name or id. Errors: kNotFound.
  [[nodiscard]] Result<std::shared_ptr<const Authority>> authority(const record::Scope& scope,
                                                                   std::string_view ref);
  // authorities lists the authorities of a scope (small: tens), default first.
  [[nodiscard]] Result<std::vector<std::shared_ptr<const Authority>>> authorities(
      const record::Scope& scope);

  // issue signs what the authorization says: plan, lint, sign, record. A signature by a slow key
  // must run on a lane. Errors: kRefused (lint, plan, blocked key; Error::where names the
  // rule), kUnavailable
  // (no key here; restored and not confirmed), kInternal. The program's own certificate is issued
  // in any case: without it nobody could reach the node to confirm.
  [[nodiscard]] Result<Staged<Issued>> issue(policy::Authorization authorization,
                                             std::shared_ptr<const Authority> issuer,
                                             std::string_view request_id);

  // rehearse does what issue does before it signs: key, plan, lint. The warnings are the lint's.
  // Errors: those of issue.
  [[nodiscard]] Result<std::vector<std::string>> rehearse(const record::Scope& scope,
                                                          const policy::CertificateContent& content,
                                                          const Authority& issuer) const;

  // create_root makes a self-signed authority with a new key of `key`'s store; `writes` of the
  // result also create the authority record. It becomes the scope's default.
  [[nodiscard]] Result<Staged<Issued>> create_root(policy::Authorization authorization,
                                                   std::shared_ptr<const keys::Signer> signer,
                                                   AuthorityRecord record);
  // add_authority stages the record of an authority whose certificate exists: a new issuing CA, or
  // an offline root without key. Errors: kAlreadyExists (by the commit), kRefused (key and
  // certificate do not match).
  [[nodiscard]] Result<Staged<AuthorityRecord>> add_authority(const access::Grant& grant,
                                                              AuthorityRecord record);

  // find looks a stored certificate up by serial (content octets). Errors: kNotFound.
  [[nodiscard]] Result<StoredCertificate> find(const record::Scope& scope, BytesView serial);
  [[nodiscard]] Result<std::optional<Revocation>> revocation(const record::Scope& scope,
                                                             std::string_view issuer_id,
                                                             BytesView serial);

  // revoke stages a revocation; of an already revoked certificate it stages nothing and gives the
  // first one. One that is on hold can be revoked for good. Errors: kNotFound, kRefused (an
  // authority's own certificate; expired), kInvalidArgument.
  struct Revoked {
    Revocation revocation;
    bool already = false;
  };
  [[nodiscard]] Result<Staged<Revoked>> revoke(const access::Grant& grant, BytesView serial,
                                               const RevocationWish& wish,
                                               std::string_view request_id);
  // revoke_certificate does the same for a certificate that need not be stored: it must verify
  // under an authority of the scope, and is stored with its revocation. Errors: as above, and
  // kRefused.
  [[nodiscard]] Result<Staged<Revoked>> revoke_certificate(const access::Grant& grant,
                                                           const x509::Certificate& certificate,
                                                           const RevocationWish& wish,
                                                           std::string_view request_id);
  // release stages the end of a hold. Errors: kNotFound, kRefused (it is not on hold).
  [[nodiscard]] Result<Staged<Revocation>> release(const access::Grant& grant, BytesView serial,
                                                   std::string_view request_id);
  // mass_revocation revokes many certificates as a job.
  [[nodiscard]] MassRevocation& mass_revocation();
  // list_revoked returns serials (content octets) of revoked certificates after `after`, in byte
  // order, at most `limit`. Reads long: not on a reactor.
  [[nodiscard]] Result<std::vector<Bytes>> list_revoked(const record::Scope& scope, BytesView after,
                                                        std::size_t limit);

  // crl returns the authority's current CRL as DER, in memory. One that is fresh comes from memory;
  // otherwise (a revocation since, or half its validity gone) it must be built, which needs the
  // right to block: without `on_lane` the answer is then null, and the caller comes back on a lane.
  // One build at a time. Errors: kUnavailable (no key and no imported CRL; store; restored and not
  // confirmed), kInternal.
  [[nodiscard]] Result<std::shared_ptr<const Bytes>> crl(
      const std::shared_ptr<const Authority>& authority, const OnLane* on_lane);
  // published_crl does the same for either kind of CRL, with its number and times, and does not
  // bring a large one into memory. Twins have the same one. Errors: also kNotFound (a delta CRL of
  // an authority whose key is elsewhere), kRefused (neither it nor a twin may sign CRLs).
  [[nodiscard]] Result<std::shared_ptr<const PublishedCrl>> published_crl(
      const std::shared_ptr<const Authority>& authority, CrlName name, const OnLane* on_lane);
  // is_outdated says whether this CRL is in memory and would have to be made anew.
  [[nodiscard]] Result<bool> is_outdated(const std::shared_ptr<const Authority>& authority,
                                         CrlName name);
  // status_signer_of gives the one of an authority's twins that signs their CRLs, whose settings
  // count for them; itself where there is no other.
  [[nodiscard]] Result<std::shared_ptr<const Authority>> status_signer_of(
      const std::shared_ptr<const Authority>& authority);
  // rotate_crls makes a new CRL for each authority of the scope that has its key here, one for
  // twins.
  [[nodiscard]] Result<void> rotate_crls(const record::Scope& scope, CrlKind kind,
                                         const OnLane& on_lane);
  // status_settings say how each mount publishes the status of its certificates.
  [[nodiscard]] StatusSettingsStore& status_settings();

  // crl_watch publishes what nobody asked for, and tells how CRLs and responders are.
  [[nodiscard]] CrlWatch& crl_watch();

  // sign_crl stages the signature over a CRL that somebody else put together (crl_signer.h).
  // Errors: also kUnavailable (restored and not confirmed).
  [[nodiscard]] Result<Staged<Bytes>> sign_crl(const access::Grant& grant,
                                               const Authority& authority, const CrlOrder& order,
                                               std::string_view request_id);
  // tidier removes what is no longer needed.
  [[nodiscard]] Tidier& tidier();

  // import_crl stages a CRL that an offline authority made. Errors: kRefused (signature, older
  // number; its key or a twin's is here).
  [[nodiscard]] Result<Staged<Bytes>> import_crl(const access::Grant& grant,
                                                 const Authority& authority, Bytes der);

  // ocsp answers one DER OCSPRequest from the live state (RFC 6960). Errors are answered as OCSP
  // error responses. Without `may_block` there is no answer where a slow key has to sign.
  [[nodiscard]] OcspAnswer ocsp(const record::Scope& scope, BytesView request,
                                bool may_block = true);
  // ocsp_anywhere does the same in the one of `mounts` whose authority the request is about, found
  // in one step. Without `may_block` there is no answer either before all mounts were read once.
  [[nodiscard]] OcspAnswer ocsp_anywhere(const MountTable& mounts, BytesView request,
                                         bool may_block = true);
  // authority_anywhere finds an authority by its id in whichever mount it is; null where the mounts
  // have to be read first and that may not be (`may_block`). Errors: kNotFound.
  [[nodiscard]] Result<std::shared_ptr<const Authority>> authority_anywhere(
      const MountTable& mounts, std::string_view id, bool may_block = true);
  // tend_ocsp makes the responders that a mount lacks; often, from one thread.
  void tend_ocsp(const record::Scope& scope, const OnLane& on_lane);

  // may_sign says whether certificates and CRLs can be signed: not between a restore and its
  // confirmation. Errors: kUnavailable.
  [[nodiscard]] Result<void> may_sign() const;
  // may_issue says whether certificates can be issued: may_sign, and a clock that can be believed.
  // Errors: kUnavailable.
  [[nodiscard]] Result<void> may_issue() const;
  // restoration tells of the restore that this store came from, if any.
  [[nodiscard]] Result<std::optional<Restoration>> restoration() const;
  // confirm_restore stages an operator's word that the node that was backed up is gone; said twice,
  // it stages nothing and gives the first. Errors: kNotFound (nothing was restored).
  [[nodiscard]] Result<Staged<Restoration>> confirm_restore(const access::Grant& grant,
                                                            std::string_view request_id);

  // blocked_keys are those that issue and create_root refuse.
  [[nodiscard]] const BlockedKeys& blocked_keys() const { return blocked_keys_; }

  // hierarchy changes the issuers and keys of a mount.
  [[nodiscard]] Hierarchy& hierarchy();

  [[nodiscard]] record::Store& store() { return store_; }

 private:
  friend class Hierarchy;
  // A root's certificate, signed with its own key, and what has to be written before anybody sees
  // it. Errors: those of issue.
  struct SelfSigned {
    x509::Certificate certificate;
    record::WriteSet writes;
  };
  [[nodiscard]] Result<SelfSigned> self_sign(const policy::Authorization& authorization,
                                             const keys::Signer& signer, const Urls& urls,
                                             std::string_view issuer_id,
                                             std::string_view request_id);

  struct State;
  record::Store& store_;
  // check_key refuses a key that is on a list, of the operator's or of this tenant's blocked ones.
  [[nodiscard]] Result<void> check_key(const record::Scope& scope, const crypto::PublicKey& key,
                                       record::WriteSet& writes) const;
  // plan_and_lint makes the bytes that issue signs. `writes` gets what the commit has to find true.
  [[nodiscard]] Result<Linted> plan_and_lint(const record::Scope& scope,
                                             const policy::CertificateContent& content,
                                             const Authority& issuer, const PlanIssuer& plan_from,
                                             record::WriteSet& writes) const;
  BlockedKeys blocked_keys_;
  std::shared_ptr<const crypto::WeakKeyList> weak_keys_;
  std::unique_ptr<State> state_;
};

}  // namespace chancery::ca
