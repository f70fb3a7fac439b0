#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "acme/directory.h"
#include "acme/eabs.h"
#include "acme/refusal.h"
#include "jose/jwk.h"

namespace chancery::acme {

// LoadedAccount is an account as it is now, its key ready to verify with. Immutable; thread-safe.
struct LoadedAccount {
  std::string id;
  Account row;
  std::uint64_t version = 0;
  crypto::PublicKey key;
};

// Accounts keeps the accounts of all directories (RFC 8555 section 7.3). Thread-safe. Make it
// before the store's first commit.
class Accounts {
 public:
  using Entry = std::shared_ptr<const LoadedAccount>;

  Accounts(record::Store& store, Eabs& eabs, const Clock& clock, Random& random,
           std::size_t cache_capacity = 16'384);

  // find returns an account, or null; by_key the one with that key, or null.
  [[nodiscard]] Result<Entry> find(const record::Scope& scope, std::string_view id);
  [[nodiscard]] Result<Entry> by_key(const record::Scope& scope, std::string_view thumbprint);

  // Wanted is what a client asks of a new account.
  struct Wanted {
    std::vector<std::string> contacts;
    bool agrees = false;
    std::string eab;  // key identifier, whose MAC the caller has verified
    std::uint64_t eab_version = 0;
    std::string url_base;  // the account's URL without its id
  };
  // create stages an account. Of as many as race for one key or one binding the commit lets one in
  // (the others by kConflict). Errors: userActionRequired, unauthorized.
  [[nodiscard]] Result<record::Staged<LoadedAccount>> create(const LoadedDirectory& directory,
                                                             const jose::Jwk& key,
                                                             const Wanted& wanted,
                                                             std::string_view request_id);

  struct Change {
    std::optional<std::vector<std::string>> contacts;
    bool agrees = false;
    bool deactivate = false;
  };
  // change stages what a client changes of its own account.
  [[nodiscard]] Result<record::Staged<LoadedAccount>> change(const LoadedDirectory& directory,
                                                             const LoadedAccount& account,
                                                             const Change& wanted,
                                                             std::string_view request_id);
  // deactivate is the operator's way. Errors: kNotFound.
  [[nodiscard]] Result<record::Staged<LoadedAccount>> deactivate(const access::Grant& grant,
                                                                 const LoadedDirectory& directory,
                                                                 std::string_view id,
                                                                 std::string_view request_id);
  // change_key stages a new key; the caller has verified both signatures. One that another account
  // has is refused by the commit (kConflict).
  [[nodiscard]] Result<record::Staged<LoadedAccount>> change_key(const LoadedDirectory& directory,
                                                                 const LoadedAccount& account,
                                                                 const jose::Jwk& key,
                                                                 std::string_view request_id);

  // list returns accounts after `after`, at most `limit`. Not on a reactor.
  [[nodiscard]] Result<std::vector<LoadedAccount>> list(const record::Scope& scope,
                                                        std::string_view after,
                                                        std::size_t limit) const;

 private:
  [[nodiscard]] record::Staged<LoadedAccount> stage(const access::Grant& grant,
                                                    const LoadedDirectory& directory,
                                                    const LoadedAccount& account, Account row,
                                                    record::EventKind kind,
                                                    std::vector<record::Detail> details,
                                                    std::string_view request_id) const;

  record::Store& store_;
  Eabs& eabs_;
  const Clock& clock_;
  Random& random_;
  record::StateCache<LoadedAccount> cache_;
};

// check_contacts wants mailto: URLs of one address each, without header fields (RFC 8555 section
// 7.3). Errors: invalidContact, unsupportedContact.
[[nodiscard]] Result<void> check_contacts(const std::vector<std::string>& contacts);

}  // namespace chancery::acme
