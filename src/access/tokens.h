#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/policies.h"
#include "access/principal.h"
#include "access/token.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/time.h"
#include "record/staged.h"
#include "record/state_cache.h"
#include "record/store.h"

namespace chancery::access {

class Mounts;

struct NewToken {
  std::string secret;  // "chs." and 43 base64url characters; wipe after showing
  Token token;
  record::StateKey key;
};
// make_root_token draws a new token with the root policy; the caller writes it with add_token.
[[nodiscard]] NewToken make_root_token(TimePoint now, Random& random);
// add_token adds the rows of a new token to what is to be committed.
void add_token(record::WriteSet& writes, const NewToken& made);

struct Authenticated {
  Principal principal;
  std::string id;  // the token's row
  std::shared_ptr<const Token> token;
};

// Tokens authenticates bearer tokens against the store through a bounded cache, and makes, renews
// and revokes them. A token dies when it expires, is revoked or used up, and when the token that
// made it dies: that is looked up at each use, so revoking costs the same however many there are
// below. Thread-safe. Make it before the store's first commit.
class Tokens {
 public:
  struct Limits {
    seconds default_ttl{768LL * 3600};
    seconds max_ttl{768LL * 3600};
  };

  Tokens(record::Store& store, Policies& policies, const Clock& clock, Random& random,
         std::size_t cache_capacity = 131'072);

  // die_with makes tokens that a mount gave die with the mount. Before the first request.
  void die_with(const Mounts& mounts) { mounts_ = &mounts; }

  // authenticate finds a token. Takes the same time for every unknown token. `peer_address` is
  // where it came from. A token of limited use still has to be spent (see spend). Errors:
  // kUnauthenticated (absent, expired, its maker dead, from elsewhere), kUnavailable.
  [[nodiscard]] Result<Authenticated> authenticate(std::string_view secret,
                                                   std::string_view peer_address);

  // spend is what a request with a token of limited use commits before anything else: of as many
  // requests as race, no more than there are uses left succeed (the others by kConflict).
  [[nodiscard]] static record::WriteSet spend(const Authenticated& caller);

  // Order is what somebody wants of a new token.
  struct Order {
    std::vector<std::string> policies = {};  // empty: the maker's
    std::vector<std::pair<std::string, std::string>> metadata = {};
    std::string display_name = "token";
    std::string path = "auth/token/create";
    seconds ttl{0};  // 0: the default
    seconds explicit_max_ttl{0};
    seconds period{0};
    std::uint32_t uses = 0;
    bool renewable = true;
    bool orphan = false;
    bool no_default_policy = false;
    std::string role = {};
    std::vector<std::string> bound_cidrs = {};
    // A token role decided these already: the maker's own rights do not bound them.
    bool policies_settled = false;
    bool period_settled = false;
    // Bounds of where it is made; 0: the system's.
    seconds default_ttl{0};
    seconds max_ttl{0};
    std::string source = {};  // the storage of the mount that gives it: it dies with that
  };
  struct Made {
    NewToken token;
    std::vector<std::string> warnings;
  };
  // create stages a token on behalf of `maker`; `sudo`: the maker may do what only privileged
  // tokens may (periods, policies of its own choice). Who may make orphans is for the caller to
  // say: they differ by path. Errors, in Vault's words:
  // kInvalidArgument, kPermissionDenied.
  [[nodiscard]] Result<record::Staged<Made>> create(const Grant& grant, const Authenticated& maker,
                                                    bool sudo, Order order,
                                                    std::string_view request_id);
  // login stages the token that an authentication method gives: nobody's child, never a root token.
  [[nodiscard]] record::Staged<Made> login(Order order, std::string_view request_id);

  struct Found {
    std::string id;
    std::shared_ptr<const Token> token;
    std::int64_t uses_left = 0;  // of a token of limited use
    bool orphan = true;          // nobody's child, or its maker was revoked without it
  };
  // find looks a living token up; by_accessor by its accessor. Errors: kNotFound, kUnavailable.
  [[nodiscard]] Result<Found> find(std::string_view secret);
  [[nodiscard]] Result<Found> by_accessor(std::string_view accessor);
  // accessors lists accessors after `after`, at most `limit`. Not on a reactor.
  [[nodiscard]] Result<std::vector<std::string>> accessors(std::string_view after,
                                                           std::size_t limit) const;

  struct Renewed {
    Found token;
    seconds ttl{0};
    std::vector<std::string> warnings;
  };
  // renew stages a longer life: `increment` from now (0: as at first), a period's worth for
  // periodic tokens, within the bounds. Errors: kInvalidArgument (not renewable).
  [[nodiscard]] Result<record::Staged<Renewed>> renew(const Grant& grant, const Found& found,
                                                      seconds increment,
                                                      std::string_view request_id);

  enum class Children : std::uint8_t { kDie, kLiveOn };
  [[nodiscard]] Result<record::Staged<bool>> revoke(const Grant& grant, const Found& found,
                                                    Children children, std::string_view request_id);

  // sweep removes the rows of dead tokens, one page of them a call; `after` is where the last call
  // ended. Returns where to go on, or "" at the end.
  struct Swept {
    record::WriteSet writes;
    std::string next;
    std::size_t removed = 0;
  };
  [[nodiscard]] Result<Swept> sweep(std::string_view after, std::size_t page);

  [[nodiscard]] const Limits& limits() const { return limits_; }

 private:
  [[nodiscard]] Result<bool> alive(const Token& token, TimePoint now);
  [[nodiscard]] Result<Found> found(std::string id);
  [[nodiscard]] Token plan(const Order& order, std::vector<std::string>& warnings) const;
  [[nodiscard]] bool source_lives(const Token& token) const;
  [[nodiscard]] NewToken draw(Token token);
  [[nodiscard]] record::Staged<Made> stage(Made made, std::string_view actor,
                                           std::string_view request_id) const;

  record::Store& store_;
  Policies& policies_;
  const Clock& clock_;
  Random& random_;
  const Limits limits_;
  const Mounts* mounts_ = nullptr;
  record::StateCache<Token> cache_;
};

}  // namespace chancery::access
