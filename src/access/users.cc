#include "access/users.h"

#include "access/networks.h"
#include "access/no_root.h"
#include "base/text.h"
#include "crypto/symmetric.h"

namespace chancery::access {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kHashSize = 32;

std::unexpected<Error> refuse(std::string_view detail, std::string_view field) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::string(detail), {}, {}}.with("field", field));
}

Result<SecretBytes> compute(const PasswordHash& how, std::string_view password) {
  return crypto::argon2id(as_bytes(password), how.salt, {how.memory_kib, how.iterations, how.lanes},
                          kHashSize);
}

// A hash that no password has: what an unknown user is held against.
const PasswordHash& nobody() {
  static const PasswordHash kNobody{.salt = Bytes(kSaltSize, 0), .hash = Bytes(kHashSize, 0)};
  return kNobody;
}

}  // namespace

Result<PasswordHash> hash_password(std::string_view password, Random& random) {
  PasswordHash made;
  made.salt.resize(kSaltSize);
  random.fill(made.salt);
  const SecretBytes hash = TRY(compute(made, password));
  made.hash = to_bytes(hash.view());
  return made;
}

Result<bool> matches(const PasswordHash& stored, std::string_view password) {
  const SecretBytes hash = TRY(compute(stored, password));
  return constant_time_equal(hash.view(), stored.hash);
}

Result<record::Staged<User>> Users::put(const Grant& grant, const record::Scope& scope,
                                        std::string_view name, std::string_view password,
                                        const Change& change, std::string_view request_id) {
  if (password.size() > kMaxPassword) return refuse("password is too long", "password");
  return rows_.put(
      grant, scope, to_lower(name),
      [&](User& user, Rows<User>::State state, record::WriteSet&) -> Result<void> {
        if (state == Rows<User>::State::kNew && password.empty())
          return refuse("must provide either password or password_hash", "password");
        TRY(change(user, state));
        TRY(check(user.token));
        if (!password.empty()) user.password = TRY(hash_password(password, random_));
        return {};
      },
      request_id);
}

Result<record::Staged<Tokens::Made>> Users::log_in(const Login& login, std::string_view name,
                                                   std::string_view password) {
  if (password.empty()) return refuse("missing password", "password");
  const std::string lower = to_lower(name);
  const record::Scope scope = login.mount.scope();
  TRY(lockout_.check(login.mount.storage, lower, login.peer_address));
  const auto user = TRY(rows_.find(scope, lower));
  const bool fits = password.size() <= kMaxPassword;
  const bool right = TRY(matches(user ? user->password : nobody(), fits ? password : "-"));
  if (!user || !fits || !right) {
    lockout_.failed(login.mount.storage, lower, login.peer_address);
    return refuse("invalid username or password", "password");
  }
  if (!is_within(user->token.bound_cidrs, login.peer_address))
    return fail(Code::kUnauthenticated, "permission denied");
  lockout_.succeeded(login.mount.storage, lower, login.peer_address);
  TRY(no_root(user->token));
  Tokens::Order order = login_order(login, user->token, lower, "login/" + std::string(name));
  order.metadata = {{"username", lower}};
  auto staged = tokens_.login(std::move(order), login.request_id);
  require_present(staged.writes(), Rows<User>::key(scope, lower));
  return staged;
}

}  // namespace chancery::access
