#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/lockout.h"
#include "access/rows.h"
#include "access/token_settings.h"
#include "base/random.h"
#include "base/secret_bytes.h"

namespace chancery::access {

// AppRole is a role that a program logs in with: the role's identifier and one of its secrets.
struct AppRole {
  static constexpr std::int64_t kVersion = 1;
  static constexpr auto kKind = record::StateKind::kAppRole;
  static constexpr auto kWritten = record::EventKind::kAppRoleWritten;
  static constexpr auto kDeleted = record::EventKind::kAppRoleDeleted;

  // Random, given once: secrets belong to it and not to the name, so that none outlives the role.
  std::string id;
  std::string role_id;
  bool bind_secret_id = true;
  std::vector<std::string> secret_id_cidrs;
  std::uint32_t secret_id_num_uses = 0;  // 0: any
  seconds secret_id_ttl{0};              // 0: for ever
  bool local_secret_ids = false;
  TokenSettings token;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.id);
    visit(self.role_id);
    visit(self.bind_secret_id);
    visit(self.secret_id_cidrs);
    visit(self.secret_id_num_uses);
    visit(self.secret_id_ttl);
    visit(self.local_secret_ids);
    TokenSettings::fields(self.token, visit);
  }
};

// SecretId is what is kept of a secret; itself it is stored nowhere, only a hash, which is part of
// the row's key. What is left of limited uses is the counter of the same name.
struct SecretId {
  static constexpr std::int64_t kVersion = 1;

  std::string role;  // its name
  std::string accessor;
  TimePoint created;
  std::optional<TimePoint> expires;
  std::uint32_t num_uses = 0;
  seconds ttl{0};
  std::vector<std::string> cidrs;        // it may be used from
  std::vector<std::string> token_cidrs;  // its tokens may be used from
  std::vector<std::pair<std::string, std::string>> metadata;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.role);
    visit(self.accessor);
    visit(self.created);
    visit(self.expires);
    visit(self.num_uses);
    visit(self.ttl);
    visit(self.cidrs);
    visit(self.token_cidrs);
    visit(self.metadata);
  }
};

// AppRoles keeps the roles and secrets of all AppRole mounts, and lets programs in. Thread-safe.
// Make it before the store's first commit.
class AppRoles {
 public:
  AppRoles(record::Store& store, Tokens& tokens, Lockout& lockout, const Clock& clock,
           Random& random);

  [[nodiscard]] Rows<AppRole>& roles() { return roles_; }

  // put stages a role, new or changed; `change` sets what is asked for. A new one gets a role_id
  // unless `change` gives one. Names are lower case. Errors in Vault's words: kInvalidArgument;
  // kRefused (nothing keeps strangers out, role_id taken, networks).
  using Change = std::function<Result<void>(AppRole&, Rows<AppRole>::State)>;
  [[nodiscard]] Result<record::Staged<AppRole>> put(const Grant& grant, const record::Scope& scope,
                                                    std::string_view name, const Change& change,
                                                    std::string_view request_id);
  // erase stages the end of a role, and with it of its secrets, however many there are.
  [[nodiscard]] Result<record::Staged<bool>> erase(const Grant& grant, const record::Scope& scope,
                                                   std::string_view name,
                                                   std::string_view request_id);

  // SecretOrder is what somebody wants of a new secret; what is not set is the role's.
  struct SecretOrder {
    std::string secret = {};  // of the caller's choice; empty: drawn
    std::optional<std::uint32_t> num_uses = {};
    std::optional<seconds> ttl = {};
    std::vector<std::string> cidrs = {};
    std::vector<std::string> token_cidrs = {};
    std::vector<std::pair<std::string, std::string>> metadata = {};
  };
  struct MadeSecret {
    std::string secret;  // wipe after showing
    SecretId row;
  };
  // make_secret stages a secret. Errors in Vault's words: kInvalidArgument; kRefused (there is one
  // of that text, networks).
  [[nodiscard]] Result<record::Staged<MadeSecret>> make_secret(
      const Grant& grant, const record::Scope& scope, std::string_view name, const AppRole& role,
      SecretOrder order, std::string_view request_id);

  struct FoundSecret {
    std::string hash;
    SecretId row;
    std::uint32_t uses_left = 0;  // of one of limited use
  };
  // find_secret returns a secret that still is good, or nothing; by_accessor by its accessor.
  [[nodiscard]] Result<std::optional<FoundSecret>> find_secret(const record::Scope& scope,
                                                               const AppRole& role,
                                                               std::string_view secret);
  [[nodiscard]] Result<std::optional<FoundSecret>> by_accessor(const record::Scope& scope,
                                                               const AppRole& role,
                                                               std::string_view accessor);
  // accessors lists those of a role's secrets. Not on a reactor.
  [[nodiscard]] Result<std::vector<std::string>> accessors(const record::Scope& scope,
                                                           const AppRole& role,
                                                           std::size_t limit) const;
  [[nodiscard]] record::Staged<bool> destroy(const Grant& grant, const record::Scope& scope,
                                             std::string_view name, const AppRole& role,
                                             const FoundSecret& secret,
                                             std::string_view request_id);

  // log_in stages a token. A secret of limited use is counted in the same commit: of as many logins
  // as race for its last use one succeeds (the others by kConflict, and find it used up when they
  // run again). Errors in Vault's words: kInvalidArgument, kUnauthenticated, kTooManyRequests.
  [[nodiscard]] Result<record::Staged<Tokens::Made>> log_in(const Login& login,
                                                            std::string_view role_id,
                                                            std::string_view secret);

  // sweep removes a page of dead secrets' rows of one mount, after `after`; where it goes on, or
  // "".
  struct Swept {
    record::WriteSet writes;
    std::string next;
    std::size_t removed = 0;
  };
  [[nodiscard]] Result<Swept> sweep(const record::Scope& scope, std::string_view after,
                                    std::size_t page);

 private:
  struct Entered {
    std::string name;
    std::shared_ptr<const AppRole> role;
    std::optional<FoundSecret> secret;
  };
  [[nodiscard]] Result<Entered> enter(const Login& login, std::string_view role_id,
                                      std::string_view secret);
  [[nodiscard]] Result<std::optional<FoundSecret>> load(const record::Scope& scope,
                                                        std::string_view row_id);

  record::Store& store_;
  Tokens& tokens_;
  Lockout& lockout_;
  const Clock& clock_;
  Random& random_;
  Rows<AppRole> roles_;
};

}  // namespace chancery::access
