#pragma once

#include <string>
#include <string_view>

#include "access/lockout.h"
#include "access/rows.h"
#include "access/token_settings.h"
#include "base/random.h"

namespace chancery::access {

// PasswordHash is Argon2id (RFC 9106) with what it takes to compute it again.
struct PasswordHash {
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t iterations = 2;
  std::uint32_t lanes = 1;
  Bytes salt = {};
  Bytes hash = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.memory_kib);
    visit(self.iterations);
    visit(self.lanes);
    visit(self.salt);
    visit(self.hash);
  }
};

// hash_password takes some 20 ms and 19 MiB: on the cpu lane. Errors: kInternal.
[[nodiscard]] Result<PasswordHash> hash_password(std::string_view password, Random& random);
// matches computes the hash again, at the same cost whatever comes out.
[[nodiscard]] Result<bool> matches(const PasswordHash& stored, std::string_view password);

// User is somebody who logs in with a password.
struct User {
  static constexpr std::int64_t kVersion = 1;
  static constexpr auto kKind = record::StateKind::kUser;
  static constexpr auto kWritten = record::EventKind::kUserWritten;
  static constexpr auto kDeleted = record::EventKind::kUserDeleted;

  PasswordHash password;
  TokenSettings token;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    PasswordHash::fields(self.password, visit);
    TokenSettings::fields(self.token, visit);
  }
};

// Users keeps the users of all userpass mounts, and lets them in. Thread-safe. Make it before the
// store's first commit.
class Users {
 public:
  static constexpr std::size_t kMaxPassword = 1024;

  Users(record::Store& store, Tokens& tokens, Lockout& lockout, const Clock& clock, Random& random)
      : tokens_(tokens), lockout_(lockout), random_(random), rows_(store, clock) {}

  [[nodiscard]] Rows<User>& rows() { return rows_; }

  // put stages a user, new or changed; an empty password leaves the old one. On the cpu lane when
  // there is one. Errors in Vault's words: kInvalidArgument.
  using Change = std::function<Result<void>(User&, Rows<User>::State)>;
  [[nodiscard]] Result<record::Staged<User>> put(const Grant& grant, const record::Scope& scope,
                                                 std::string_view name, std::string_view password,
                                                 const Change& change, std::string_view request_id);

  // log_in stages a token. It takes as long for an unknown user as for a wrong password. On the cpu
  // lane. Errors in Vault's words: kInvalidArgument, kUnauthenticated, kTooManyRequests.
  [[nodiscard]] Result<record::Staged<Tokens::Made>> log_in(const Login& login,
                                                            std::string_view name,
                                                            std::string_view password);

 private:
  Tokens& tokens_;
  Lockout& lockout_;
  Random& random_;
  Rows<User> rows_;
};

}  // namespace chancery::access
