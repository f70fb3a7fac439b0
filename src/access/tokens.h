#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/time.h"
#include "record/state_cache.h"
#include "record/store.h"

namespace chancery::access {

// Token is what is kept of a bearer token; the token itself is stored nowhere, only its SHA-256,
// which is the row's id.
struct Token {
  std::string accessor;
  std::string display_name;
  std::vector<std::string> policies;
  TimePoint created;
  std::optional<TimePoint> expires;  // root tokens made at init do not expire
  std::string path;                  // where it was made: "auth/token/root"
};

// Codec of the stored row: DER, refusing what encode would not write.
[[nodiscard]] Bytes encode(const Token& token);
[[nodiscard]] Result<Token> decode_token(BytesView der);

struct NewToken {
  std::string secret;  // "chs." and 43 base64url characters; wipe after showing
  Token token;
  record::StateKey key;
};
// make_root_token draws a new token with the root policy; the caller writes `key` and
// encode(token).
[[nodiscard]] NewToken make_root_token(TimePoint now, Random& random);

// token_key is the row of a presented token.
[[nodiscard]] record::StateKey token_key(std::string_view secret);

struct Authenticated {
  Principal principal;
  std::shared_ptr<const Token> token;
};

// Tokens authenticates bearer tokens against the store through a bounded cache. Thread-safe.
class Tokens {
 public:
  Tokens(const record::StateReader& reader, record::Committer& committer,
         std::size_t cache_capacity = 65'536);

  // authenticate finds a token. Takes the same time for every unknown token. Errors:
  // kUnauthenticated (absent, expired), kUnavailable.
  [[nodiscard]] Result<Authenticated> authenticate(std::string_view secret, TimePoint now);

 private:
  record::StateCache<Token> cache_;
};

}  // namespace chancery::access
