#include "ca/blocked_keys.h"

#include "access/grant_event.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"

namespace chancery::ca {
namespace {

record::StateKey row_key(const record::Scope& scope, std::string_view fingerprint) {
  return {record::StateKind::kBlockedKey, {scope.tenant, ""}, std::string(fingerprint)};
}

std::unexpected<Error> refuse(Code code, std::string detail, std::string_view field,
                              std::string_view rule) {
  Error error{code, std::move(detail), {}, {}};
  return std::unexpected(std::move(error).with("field", field).with("rule", rule));
}

Result<std::string> read_text(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(text)) return reader.error("text of a blocked key is not UTF-8");
  return std::string(text);
}

Result<std::string> read_reason(std::string_view text) {
  const std::string_view reason = trim(text);
  if (reason.empty()) {
    return refuse(Code::kInvalidArgument, "say why the key is blocked", "reason", "required");
  }
  if (reason.size() > kMaxBlockReason || !is_valid_utf8(reason)) {
    return refuse(Code::kInvalidArgument, "the reason is not UTF-8 of at most 500 octets", "reason",
                  "text");
  }
  return std::string(reason);
}

}  // namespace

Bytes encode(const BlockedKey& key) {
  asn1::Writer w(256);
  w.sequence([&] {
    w.integer(1);
    w.element(asn1::kUtf8String, key.reason);
    w.generalized_time(key.blocked_at);
    w.element(asn1::kUtf8String, key.actor);
  });
  return std::move(w).take();
}

Result<BlockedKey> decode_blocked_key(std::string id, BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1) {
    return reader.error("blocked key has an unknown version", Code::kUnsupported);
  }
  BlockedKey key;
  key.spki_sha256 = std::move(id);
  key.reason = TRY(read_text(reader));
  key.blocked_at = TRY(reader.read_generalized_time());
  key.actor = TRY(read_text(reader));
  TRY(reader.finish());
  return key;
}

std::string spki_fingerprint(BytesView spki) { return hex(crypto::sha256(spki)); }

Result<std::string> read_spki_fingerprint(std::string_view text) {
  const auto octets = parse_hex(text, true);
  if (!octets || octets->size() != crypto::Sha256{}.size()) {
    return refuse(Code::kInvalidArgument,
                  "not the SHA-256 of a SubjectPublicKeyInfo: 64 hexadecimal digits", "spki_sha256",
                  "format");
  }
  return hex(*octets);
}

Result<void> BlockedKeys::check(const record::Scope& scope, const crypto::PublicKey& key,
                                record::WriteSet& writes) const {
  const std::string fingerprint = spki_fingerprint(key.spki());
  if (const auto blocked = TRY(find(scope, fingerprint))) {
    return refuse(Code::kRefused,
                  "the key is blocked since " + rfc3339(blocked->blocked_at) + ": " +
                      blocked->reason + " (SHA-256 of the key: " + fingerprint + ")",
                  "public_key", "blocked_key");
  }
  writes.require_absent(row_key(scope, fingerprint));
  return {};
}

Result<std::optional<BlockedKey>> BlockedKeys::find(const record::Scope& scope,
                                                    std::string_view fingerprint) const {
  const auto row = TRY(store_.state().get(row_key(scope, fingerprint)));
  if (!row) return std::nullopt;
  return TRY(decode_blocked_key(row->key.id, row->value));
}

Result<std::vector<BlockedKey>> BlockedKeys::list(const record::Scope& scope,
                                                  std::string_view after, std::size_t limit) const {
  const auto rows =
      TRY(store_.state().list(record::StateKind::kBlockedKey, {scope.tenant, ""}, after, limit));
  std::vector<BlockedKey> keys;
  keys.reserve(rows.size());
  for (const record::StateRow& row : rows) {
    keys.push_back(TRY(decode_blocked_key(row.key.id, row.value)));
  }
  return keys;
}

Result<Staged<BlockedKeys::Blocked>> BlockedKeys::block(const access::Grant& grant,
                                                        std::string fingerprint,
                                                        std::string_view reason,
                                                        std::string_view request_id) const {
  std::string why = TRY(read_reason(reason));
  if (auto before = TRY(find(grant.scope(), fingerprint))) {
    return Staged<Blocked>({*std::move(before), true}, {});
  }
  const TimePoint now = clock_.now();
  BlockedKey key{std::move(fingerprint), std::move(why), now, grant.actor()};
  record::Event event =
      access::grant_event(grant, record::EventKind::kKeyBlocked, key.spki_sha256, request_id, now);
  event.details.push_back({"reason", key.reason});
  record::WriteSet writes;
  record::StateKey row = row_key(grant.scope(), key.spki_sha256);
  writes.require_absent(row);
  writes.append(event);
  writes.put(std::move(row), encode(key));
  return Staged<Blocked>({std::move(key), false}, std::move(writes));
}

Result<Staged<std::string>> BlockedKeys::unblock(const access::Grant& grant,
                                                 std::string_view fingerprint,
                                                 std::string_view request_id) const {
  record::StateKey key = row_key(grant.scope(), fingerprint);
  const auto row = TRY(store_.state().get(key));
  if (!row) {
    return refuse(Code::kNotFound, "this key is not blocked", "spki_sha256", "absent");
  }
  record::WriteSet writes;
  writes.require_version(key, row->version);
  writes.append(access::grant_event(grant, record::EventKind::kKeyUnblocked, fingerprint,
                                    request_id, clock_.now()));
  writes.erase(std::move(key));
  return Staged<std::string>(std::string(fingerprint), std::move(writes));
}

}  // namespace chancery::ca
