#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
};

// AuthorityRecord is what is stored of an authority (an "issuer" in Vault's words).
struct AuthorityRecord {
  std::string id;    // UUID
  std::string name;  // unique in its mount; may be empty
  bool is_default = false;
  std::string key_id;  // in the key store; empty: this program does not hold the key (offline root)
  Bytes certificate;   // DER
  std::vector<Bytes> chain;  // DER of the authorities above, nearest first, root included
  Urls urls;
  seconds crl_validity{72 * 3600};
  seconds ocsp_validity{12 * 3600};
  TimePoint created;
};
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

  [[nodiscard]] const record::Scope& scope() const { return scope_; }
  [[nodiscard]] const AuthorityRecord& record() const { return record_; }
  [[nodiscard]] const std::string& id() const { return record_.id; }
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
  // scheme is what this authority signs with, given a preference (0: its default).
  [[nodiscard]] crypto::SignatureScheme scheme(unsigned signature_bits, bool use_pss) const;

 private:
  Authority(record::Scope scope, AuthorityRecord record, x509::Certificate certificate,
            crypto::PublicKey key, std::shared_ptr<const keys::Signer> signer);

  record::Scope scope_;
  AuthorityRecord record_;
  x509::Certificate certificate_;
  crypto::PublicKey public_key_;
  std::shared_ptr<const keys::Signer> signer_;
  Bytes key_identifier_;
  x509::IssuerHashes hashes_;
  std::vector<std::string> chain_pem_;
};

}  // namespace chancery::ca
