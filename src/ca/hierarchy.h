#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ca/key_record.h"
#include "ca/mount_settings.h"
#include "ca/service.h"
#include "crypto/private_key.h"
#include "policy/authorization.h"

namespace chancery::ca {

class AuthorityDirectory;
class MountChange;

// AuthorityKey is a key for an authority: one that the mount has, or a new one that is stored
// together with what it is made for.
struct AuthorityKey {
  KeyRecord record;                            // without id while the key is new
  std::shared_ptr<const keys::Signer> signer;  // null while the key is new
  std::optional<crypto::PrivateKey> made;

  [[nodiscard]] const crypto::PublicKey& public_key() const {
    return made ? made->public_key() : signer->public_key();
  }
};

// UrlChange is what an operator changes of URLs: what is set.
struct UrlChange {
  std::optional<std::vector<std::string>> issuing_certificates;
  std::optional<std::vector<std::string>> crl_distribution_points;
  std::optional<std::vector<std::string>> delta_crl_distribution_points;
  std::optional<std::vector<std::string>> ocsp_servers;
  std::optional<bool> templated;
};

struct ClusterChange {
  std::optional<std::string> path;
  std::optional<std::string> aia_path;
};

// IssuerChange is what an operator changes of an issuer: what is set.
struct IssuerChange {
  std::optional<std::string> name;
  std::optional<NotAfterBehavior> not_after_behavior;
  std::optional<std::vector<std::string>> manual_chain;  // references; empty: found by itself
  std::optional<Usage> usage;
  // Set to nothing: what the key signs with by default.
  std::optional<std::optional<crypto::SignatureScheme>> revocation_scheme;
  // Set to nothing: as the mount's settings say.
  std::optional<std::optional<bool>> ocsp_delegated;
  std::optional<std::optional<seconds>> delegate_validity;
  UrlChange urls;
};

// apply sets in `urls` what the change sets.
void apply(const UrlChange& change, Urls& urls);

// Hierarchy changes the issuers and keys of a mount. Every change is one write set with its events,
// ordered against every other change of the mount: of two that race one gets kConflict by the
// commit and is made again on what the other left. Names are unique. Thread-safe; it reads many
// rows and makes keys, so it belongs on a lane. Errors common to all: kNotFound (an issuer or key,
// in Vault's words), kUnavailable, kDataLoss.
class Hierarchy {
 public:
  Hierarchy(Service& service, AuthorityDirectory& directory, keys::KeyStore& keys,
            const Clock& clock, Random& random)
      : service_(service), directory_(directory), keys_(keys), clock_(clock), random_(random) {}

  [[nodiscard]] Result<Defaults> defaults(const record::Scope& scope) const;
  [[nodiscard]] Result<std::vector<KeyRecord>> keys(const record::Scope& scope) const;
  [[nodiscard]] Result<KeyRecord> key(const record::Scope& scope, std::string_view ref) const;
  [[nodiscard]] Result<Urls> urls(const record::Scope& scope) const;
  [[nodiscard]] Result<Cluster> cluster(const record::Scope& scope) const;

  // set_default_issuer and set_default_key want a reference to what is there. `follow`: what
  // becomes of follow_latest_issuer; nothing leaves it.
  struct DefaultsSet {
    Defaults defaults;
    bool has_key = true;  // the issuer
  };
  [[nodiscard]] Result<Staged<DefaultsSet>> set_default_issuer(const access::Grant& grant,
                                                               std::string_view ref,
                                                               std::optional<bool> follow,
                                                               std::string_view request_id);
  [[nodiscard]] Result<Staged<DefaultsSet>> set_default_key(const access::Grant& grant,
                                                            std::string_view ref,
                                                            std::string_view request_id);
  // change_urls and change_cluster change what is set. Errors: kInvalidArgument.
  [[nodiscard]] Result<Staged<Urls>> change_urls(const access::Grant& grant,
                                                 const UrlChange& change,
                                                 std::string_view request_id);
  [[nodiscard]] Result<Staged<Cluster>> change_cluster(const access::Grant& grant,
                                                       const ClusterChange& change,
                                                       std::string_view request_id);

  // change_issuer gives the issuer as it is then. Errors: kInvalidArgument, kAlreadyExists (name),
  // kRefused (a revoked one is not to issue again).
  [[nodiscard]] Result<Staged<std::shared_ptr<const Authority>>> change_issuer(
      const access::Grant& grant, std::string_view ref, const IssuerChange& change,
      std::string_view request_id);

  struct Deleted {
    std::string id;  // empty: there was none
    bool was_default = false;
  };
  [[nodiscard]] Result<Staged<Deleted>> delete_issuer(const access::Grant& grant,
                                                      std::string_view ref,
                                                      std::string_view request_id);

  // revoke_issuer takes an issuer out of issuing for good and puts it on the CRL of its parent,
  // where that is in the mount.
  struct IssuerRevoked {
    std::shared_ptr<const Authority> authority;
    bool already = false;
    bool has_parent = false;
  };
  [[nodiscard]] Result<Staged<IssuerRevoked>> revoke_issuer(const access::Grant& grant,
                                                            std::string_view ref,
                                                            std::string_view request_id);

  // new_key makes a key that is not stored yet; existing_key finds one of the mount. `name` must be
  // free. Errors: kInvalidArgument, kAlreadyExists.
  [[nodiscard]] Result<AuthorityKey> new_key(const record::Scope& scope, crypto::KeyType type,
                                             std::string_view name) const;
  [[nodiscard]] Result<AuthorityKey> existing_key(const record::Scope& scope,
                                                  std::string_view ref) const;
  [[nodiscard]] Result<void> check_issuer_name(const record::Scope& scope,
                                               std::string_view name) const;

  [[nodiscard]] Result<Staged<KeyRecord>> add_key(const access::Grant& grant, AuthorityKey& key,
                                                  std::string_view request_id);
  // import_key stores a key made elsewhere, and gives it to the issuers that it fits. One that is
  // there already is given back unchanged.
  struct KeyImported {
    KeyRecord record;
    bool existed = false;
  };
  [[nodiscard]] Result<Staged<KeyImported>> import_key(const access::Grant& grant,
                                                       const crypto::PrivateKey& key,
                                                       std::string_view name,
                                                       std::string_view request_id);
  [[nodiscard]] Result<Staged<KeyRecord>> rename_key(const access::Grant& grant,
                                                     std::string_view ref, std::string_view name,
                                                     std::string_view request_id);
  // delete_key stages the end of a key's record; destroy the key itself once that is durable.
  // Errors: kRefused (in use).
  struct KeyDeleted {
    std::string id;  // empty: there was none
    bool was_default = false;
  };
  [[nodiscard]] Result<Staged<KeyDeleted>> delete_key(const access::Grant& grant,
                                                      std::string_view ref,
                                                      std::string_view request_id);
  // destroy removes keys from the key store for good; those that are gone are passed over.
  void destroy(std::span<const std::string> key_ids);

  // create_root makes a self-signed issuer with `key`. Errors: those of Service::issue; of names.
  struct Created {
    std::shared_ptr<const Authority> authority;
    KeyRecord key;
  };
  [[nodiscard]] Result<Staged<Created>> create_root(policy::Authorization authorization,
                                                    AuthorityKey& key, std::string_view name,
                                                    std::string_view request_id);

  // request makes a PKCS#10 request with `key`, which is recorded with it.
  struct Requested {
    Bytes csr;
    KeyRecord key;
  };
  [[nodiscard]] Result<Staged<Requested>> request(const access::Grant& grant, AuthorityKey& key,
                                                  const policy::CertificateContent& content,
                                                  bool basic_constraints,
                                                  std::string_view request_id);

  // import_bundle takes CA certificates and keys as they come, in any order: certificates get the
  // keys that fit them, here or in the mount. Errors: kRefused (no CA certificate).
  struct Imported {
    std::vector<std::string> issuers;  // ids of the new ones
    std::vector<std::string> keys;
    std::vector<std::string> existing_issuers;
    std::vector<std::string> existing_keys;
    // Of each issuer of the request: its key, or "".
    std::vector<std::pair<std::string, std::string>> mapping;
  };
  [[nodiscard]] Result<Staged<Imported>> import_bundle(
      const access::Grant& grant, std::span<const x509::Certificate> certificates,
      std::span<const crypto::PrivateKey> keys, std::string_view request_id);

  // erase_all stages the end of all issuers and keys; destroy the keys once that is durable.
  [[nodiscard]] Result<Staged<std::vector<std::string>>> erase_all(const access::Grant& grant,
                                                                   std::string_view request_id);

 private:
  [[nodiscard]] Result<MountChange> begin(const record::Scope& scope) const;
  // keep stores a new key and its record.
  [[nodiscard]] Result<void> keep(AuthorityKey& key, MountChange& change);
  [[nodiscard]] Result<std::shared_ptr<const Authority>> snapshot(const MountChange& change,
                                                                  std::string_view id);
  [[nodiscard]] Result<void> add_issuer(MountChange& change, const x509::Certificate& certificate,
                                        const DeletedIssuers& deleted, Imported& imported,
                                        record::WriteSet& writes, const access::Grant& grant,
                                        std::string_view request_id);
  static void choose_default(MountChange& change, const Imported& imported);
  [[nodiscard]] record::Event event(const access::Grant& grant, record::EventKind kind,
                                    std::string_view subject, std::string_view request_id) const;

  Service& service_;
  AuthorityDirectory& directory_;
  keys::KeyStore& keys_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace chancery::ca
