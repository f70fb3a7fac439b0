#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ca/key_record.h"
#include "ca/mount_settings.h"
#include "ca/status_identity.h"
#include "record/store.h"

namespace chancery::ca {

// MountChange is a change of a mount's issuers and keys: it reads them all, is changed in memory,
// and becomes one write set that the commit takes only if nothing else changed them since. Small:
// a mount has tens of them, at most 1,000. Internal to this folder.
class MountChange {
 public:
  [[nodiscard]] static Result<MountChange> begin(const record::StateReader& reader,
                                                 const record::Scope& scope);

  [[nodiscard]] const record::Scope& scope() const { return scope_; }
  [[nodiscard]] const std::vector<AuthorityRecord>& authorities() const { return authorities_; }
  [[nodiscard]] const std::vector<KeyRecord>& keys() const { return keys_; }
  // Those of all issuers that have twins.
  [[nodiscard]] const StatusIdentities& identities() const { return identities_; }
  Defaults defaults;  // to be read and changed

  // authority and key find by "default", name or id. Errors: kNotFound in Vault's words.
  [[nodiscard]] Result<AuthorityRecord> authority(std::string_view ref) const;
  [[nodiscard]] Result<KeyRecord> key(std::string_view ref) const;
  // key_of finds the key with this SubjectPublicKeyInfo, or null.
  [[nodiscard]] const KeyRecord* key_of(BytesView spki) const;

  // check_*_name wants a name of the form of a role's name that nothing else of its kind here has;
  // "" is no name. Errors: kInvalidArgument, kAlreadyExists in Vault's words.
  [[nodiscard]] Result<void> check_issuer_name(std::string_view name, std::string_view id) const;
  [[nodiscard]] Result<void> check_key_name(std::string_view name, std::string_view id) const;

  // add puts a new issuer, with the status identity of its twins, those in `deleted` included.
  // Errors: as put, and those of parsing the certificate.
  [[nodiscard]] Result<void> add(AuthorityRecord record, const DeletedIssuers& deleted);
  // put writes a record, new or changed. Errors: kTooLarge (too many).
  [[nodiscard]] Result<void> put(AuthorityRecord record);
  [[nodiscard]] Result<void> put(KeyRecord record);
  // erase_* also take what was the default out of that place.
  void erase_authority(std::string_view id);
  void erase_key(std::string_view id);

  // finish adds what was changed to `writes`.
  void finish(record::WriteSet& writes) &&;

 private:
  explicit MountChange(record::Scope scope) : scope_(std::move(scope)) {}
  [[nodiscard]] Result<void> load(const record::StateReader& reader);

  record::Scope scope_;
  std::optional<std::uint64_t> version_;  // of the defaults' row; nothing: it is not there yet
  std::vector<AuthorityRecord> authorities_;
  std::vector<KeyRecord> keys_;
  StatusIdentities identities_;
  Bytes stored_identities_;
  record::WriteSet writes_;
};

// is_object_name: letters, digits, '_' at both ends, also '-' and '.' between; at most 255
// characters.
[[nodiscard]] bool is_object_name(std::string_view name);

}  // namespace chancery::ca
