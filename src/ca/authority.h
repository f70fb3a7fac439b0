#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ca/status_identity.h"
#include "keys/key_store.h"
#include "policy/evaluate.h"
#include "record/write_set.h"
#include "x509/certificate.h"
#include "x509/ocsp.h"

namespace chancery::ca {

// Urls are what an authority writes into the certificates it issues.
struct Urls {
  std::vector<std::string> issuing_certificates;  // AIA caIssuers
  std::vector<std::string> crl_distribution_points;
  std::vector<std::string> ocsp_servers;  // AIA OCSP
  std::vector<std::string> delta_crl_distribution_points = {};
  bool templated = false;  // they hold variables: see fill_in (mount_settings.h)

  [[nodiscard]] bool empty() const {
    return issuing_certificates.empty() && crl_distribution_points.empty() &&
           ocsp_servers.empty() && delta_crl_distribution_points.empty();
  }
  friend bool operator==(const Urls&, const Urls&) = default;
};

// Usage is a set of what an operator lets an authority do; reading it is always allowed.
class Usage {
 public:
  enum Bit : std::uint8_t { kIssuing = 1, kCrlSigning = 2, kOcspSigning = 4 };
  constexpr Usage() = default;
  explicit constexpr Usage(unsigned bits) : bits_(bits & kEverything) {}
  [[nodiscard]] static constexpr Usage all() { return Usage(kEverything); }
  [[nodiscard]] constexpr bool has(Bit bit) const { return (bits_ & bit) != 0; }
  constexpr void add(Bit bit) { bits_ |= bit; }
  constexpr void remove(Bit bit) { bits_ &= ~static_cast<unsigned>(bit); }
  [[nodiscard]] constexpr unsigned bits() const { return bits_; }
  friend constexpr bool operator==(Usage, Usage) = default;

 private:
  static constexpr unsigned kEverything = 7;
  unsigned bits_ = 0;
};
// to_string gives Vault's form: "crl-signing,issuing-certificates,ocsp-signing,read-only".
[[nodiscard]] std::string to_string(Usage usage);

// What becomes of a certificate that would outlive its authority.
enum class NotAfterBehavior : std::uint8_t { kRefuse = 0, kTruncate = 1 };

// AuthorityRecord is what is stored of an authority (an "issuer" in Vault's words).
struct AuthorityRecord {
  std::string id;    // UUID
  std::string name;  // unique in its mount; may be empty
  bool is_default = false;
  std::string key_id;  // in the key store; empty: this program does not hold the key (offline root)
  Bytes certificate;   // DER
  // DER of the authorities above, nearest first, root included. Stored for those that are in no
  // mount; of a snapshot the whole chain that AuthorityDirectory found.
  std::vector<Bytes> chain;
  Urls urls;  // empty: the mount's
  seconds crl_validity{72 * 3600};
  seconds ocsp_validity{12 * 3600};
  TimePoint created;
  std::vector<std::string> manual_chain = {};  // ids, its own first; empty: found by itself
  Usage usage = Usage::all();
  NotAfterBehavior not_after_behavior = NotAfterBehavior::kRefuse;
  // What CRLs are signed with; nothing: what the key signs with by default.
  std::optional<crypto::SignatureScheme> revocation_scheme = std::nullopt;
  std::optional<TimePoint> revoked = std::nullopt;  // it issues nothing any more
  // Whether a responder of its own signs its OCSP answers, and how long that one's certificates
  // live; nothing: as the mount's settings say.
  std::optional<bool> ocsp_delegated = std::nullopt;
  std::optional<seconds> delegate_validity = std::nullopt;
};
// Codec of the stored row: DER, refusing what encode would not write.
//
//   Authority ::= SEQUENCE { version INTEGER (1 | 2), id, name UTF8String, isDefault BOOLEAN,
//     keyId UTF8String, certificate OCTET STRING, chain SEQUENCE OF OCTET STRING, caIssuers, crls,
//     ocsp SEQUENCE OF UTF8String, crlValidity, ocspValidity INTEGER, created GeneralizedTime,
//     -- from version 2 on:
//     deltaCrls SEQUENCE OF UTF8String, templated BOOLEAN, manualChain SEQUENCE OF UTF8String,
//     usage, notAfterBehavior INTEGER, revocationAlgorithm [0] OCTET STRING OPTIONAL,
//     revoked GeneralizedTime OPTIONAL,
//     ocsp [1] { delegated BOOLEAN OPTIONAL, delegateValidity INTEGER OPTIONAL } OPTIONAL }
[[nodiscard]] Bytes encode(const AuthorityRecord& record);
[[nodiscard]] Result<AuthorityRecord> decode_authority(BytesView der);
[[nodiscard]] record::StateKey authority_key(const record::Scope& scope, std::string_view id);

// Authority is an immutable snapshot of one authority, ready to issue. Thread-safe.
class Authority {
 public:
  // `signer` is null where the record has no key. Errors: kDataLoss (certificate and key do not
  // belong together), those of parsing.
  [[nodiscard]] static Result<std::shared_ptr<const Authority>> make(
      record::Scope scope, AuthorityRecord record, std::shared_ptr<const keys::Signer> signer);
  // The same with the URLs that count for it: its own or its mount's, without variables; or why
  // there are none. `status`: what it shares with its twins.
  [[nodiscard]] static Result<std::shared_ptr<const Authority>> make(
      record::Scope scope, AuthorityRecord record, std::shared_ptr<const keys::Signer> signer,
      Result<Urls> urls, StatusIdentity status);

  [[nodiscard]] const record::Scope& scope() const { return scope_; }
  [[nodiscard]] const AuthorityRecord& record() const { return record_; }
  [[nodiscard]] const std::string& id() const { return record_.id; }
  // urls are those that certificates get. Errors: kInvalidArgument (a template that cannot be
  // filled in).
  [[nodiscard]] const Result<Urls>& urls() const { return urls_; }
  // status is what revocations, CRLs and OCSP of its certificates go by.
  [[nodiscard]] const StatusIdentity& status() const { return status_; }
  // may says whether it is to be used so. Errors: kRefused in Vault's words.
  [[nodiscard]] Result<void> may(Usage::Bit use) const;
  [[nodiscard]] const x509::Certificate& certificate() const { return certificate_; }
  [[nodiscard]] const crypto::PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] BytesView key_identifier() const { return key_identifier_; }
  [[nodiscard]] const x509::IssuerHashes& hashes() const { return hashes_; }
  // Null where the key is elsewhere.
  [[nodiscard]] const keys::Signer* signer() const { return signer_.get(); }
  // slow: signing needs a lane.
  [[nodiscard]] bool slow() const { return signer_ && signer_->slow(); }
  [[nodiscard]] policy::IssuerFacts facts(const policy::Limits& limits) const;
  // chain_pem lists the authority's own certificate, then those above it, each without a trailing
  // newline.
  [[nodiscard]] const std::vector<std::string>& chain_pem() const { return chain_pem_; }
  // below_root is the beginning of chain_pem before the first root: whoever trusts a root has it.
  [[nodiscard]] std::span<const std::string> below_root() const {
    return std::span(chain_pem_).first(below_root_);
  }
  // scheme is what this authority signs with, given a preference (0: its default).
  [[nodiscard]] crypto::SignatureScheme scheme(unsigned signature_bits, bool use_pss) const;
  // revocation_scheme is what its CRLs are signed with.
  [[nodiscard]] crypto::SignatureScheme revocation_scheme() const;

 private:
  Authority(record::Scope scope, AuthorityRecord record, x509::Certificate certificate,
            crypto::PublicKey key, std::shared_ptr<const keys::Signer> signer, Result<Urls> urls,
            StatusIdentity status);

  record::Scope scope_;
  AuthorityRecord record_;
  Result<Urls> urls_;
  StatusIdentity status_;
  x509::Certificate certificate_;
  crypto::PublicKey public_key_;
  std::shared_ptr<const keys::Signer> signer_;
  Bytes key_identifier_;
  x509::IssuerHashes hashes_;
  std::vector<std::string> chain_pem_;
  std::size_t below_root_ = 0;
};

// scheme_for is what a key of this type signs certificates with, given a preference (0: none). An
// ECDSA key signs with its curve's hash, whatever is preferred, as Vault does.
[[nodiscard]] crypto::SignatureScheme scheme_for(crypto::KeyType type, unsigned signature_bits,
                                                 bool use_pss);

}  // namespace chancery::ca
