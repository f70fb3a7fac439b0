#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "ca/staged.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "record/store.h"

namespace chancery::ca {

// BlockedKey is a public key that no certificate is issued for any more: leaked, published, or
// somebody's decision.
struct BlockedKey {
  std::string spki_sha256;  // 64 small hexadecimal digits: of the whole SubjectPublicKeyInfo
  std::string reason;
  TimePoint blocked_at;
  std::string actor;
};
inline constexpr std::size_t kMaxBlockReason = 500;  // octets of UTF-8

[[nodiscard]] Bytes encode(const BlockedKey& key);
[[nodiscard]] Result<BlockedKey> decode_blocked_key(std::string id, BytesView der);

// spki_fingerprint is the name of a key on the list.
[[nodiscard]] std::string spki_fingerprint(BytesView spki);
// read_spki_fingerprint takes 64 hexadecimal digits, colons between octets allowed, in any case.
// Errors: kInvalidArgument.
[[nodiscard]] Result<std::string> read_spki_fingerprint(std::string_view text);

// BlockedKeys is a tenant's list of blocked keys, the same for all its mounts. Every certificate
// passes `check` before it is signed, and its record is committed only if the key is still not on
// the list then. Certificates that exist stay as they are: revoke them. Thread-safe.
class BlockedKeys {
 public:
  BlockedKeys(record::Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // check refuses a blocked key, and has the commit of `writes` refuse one that is blocked
  // meanwhile. One read of a row. Errors: kRefused, "rule" blocked_key; those of the store.
  [[nodiscard]] Result<void> check(const record::Scope& scope, const crypto::PublicKey& key,
                                   record::WriteSet& writes) const;

  [[nodiscard]] Result<std::optional<BlockedKey>> find(const record::Scope& scope,
                                                       std::string_view fingerprint) const;
  // list returns keys with fingerprints after `after` in byte order, at most `limit`. Reads long:
  // not on a reactor.
  [[nodiscard]] Result<std::vector<BlockedKey>> list(const record::Scope& scope,
                                                     std::string_view after,
                                                     std::size_t limit) const;

  // block stages an entry; of a key that is blocked already it stages nothing and gives the first.
  // `fingerprint` is what the functions above made. Errors: kInvalidArgument (reason empty, too
  // long, no text).
  struct Blocked {
    BlockedKey key;
    bool already = false;
  };
  [[nodiscard]] Result<Staged<Blocked>> block(const access::Grant& grant, std::string fingerprint,
                                              std::string_view reason,
                                              std::string_view request_id) const;
  // unblock stages the removal. Errors: kNotFound.
  [[nodiscard]] Result<Staged<std::string>> unblock(const access::Grant& grant,
                                                    std::string_view fingerprint,
                                                    std::string_view request_id) const;

 private:
  record::Store& store_;
  const Clock& clock_;
};

}  // namespace chancery::ca
