#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "record/write_set.h"

namespace chancery::access {

// Token is what is kept of a bearer token; the token itself is stored nowhere, only its SHA-256,
// which is the row's id.
struct Token {
  std::string accessor;
  std::string display_name;
  std::vector<std::string> policies;  // sorted
  TimePoint created;
  std::optional<TimePoint> expires;  // nothing: never (root tokens made at init)
  std::string path;                  // where it was made: "auth/token/create"

  std::vector<std::pair<std::string, std::string>> metadata;
  // The row id of the token that made this one: it dies with it. Empty: an orphan.
  std::string parent;
  seconds ttl{0};               // of its first life; 0: does not expire
  seconds explicit_max_ttl{0};  // whatever renewals say; 0: no such bound
  seconds period{0};            // each renewal gives this much, without end; 0: not periodic
  std::optional<TimePoint> renewed;
  std::uint32_t uses = 0;  // requests it is good for, counted in the counter of its row id; 0: any
  bool renewable = false;
  std::string role;
  std::vector<std::string> bound_cidrs;  // addresses it may come from; empty: any
  seconds max_ttl{0};  // whatever renewals say, unless it is periodic; 0: the system's
  // The storage of the mount that gave it at a login: it dies with that. Empty: none.
  std::string source;
  // It was revoked on its own: it authenticates nobody, but what it made lives on.
  bool released = false;

  [[nodiscard]] bool is_root() const;
  [[nodiscard]] bool expired(TimePoint now) const { return expires && *expires <= now; }
};

// Codec of the stored row: DER, refusing what encode would not write.
//
//   Token ::= SEQUENCE { version INTEGER (1..3), accessor, displayName UTF8String, policies
//     SEQUENCE OF UTF8String, created GeneralizedTime, expires GeneralizedTime OPTIONAL, path
//     UTF8String,
//     -- from version 2 on:
//     metadata SEQUENCE OF SEQUENCE { name UTF8String, value UTF8String }, parent UTF8String,
//     ttl, explicitMaxTtl, period INTEGER (seconds), renewed GeneralizedTime OPTIONAL,
//     uses INTEGER, renewable BOOLEAN, released BOOLEAN, role UTF8String,
//     boundCidrs SEQUENCE OF UTF8String,
//     -- from version 3 on:
//     maxTtl INTEGER (seconds), source UTF8String }
[[nodiscard]] Bytes encode(const Token& token);
[[nodiscard]] Result<Token> decode_token(BytesView der);

// token_key is the row of a presented token; token_row that of a row id.
[[nodiscard]] record::StateKey token_key(std::string_view secret);
[[nodiscard]] record::StateKey token_row(std::string_view id);
// accessor_key is the row that leads from an accessor to the token's row.
[[nodiscard]] record::StateKey accessor_key(std::string_view accessor);
// uses_key is the counter of what is left of a token of limited use.
[[nodiscard]] record::StateKey uses_key(std::string_view id);

}  // namespace chancery::access
