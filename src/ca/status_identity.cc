#include "ca/status_identity.h"

#include <algorithm>
#include <iterator>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "ca/authority.h"
#include "ca/record_text.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kMostIds = 1000;  // of elders and of members
constexpr std::size_t kMostIdentities = 10'000;
constexpr std::size_t kPage = 100;

bool contains(const std::vector<std::string>& ids, std::string_view id) {
  return std::ranges::find(ids, id) != ids.end();
}

Result<std::vector<std::string>> read_ids(asn1::Reader& outer) {
  asn1::Reader reader = TRY(outer.enter_sequence());
  std::vector<std::string> ids;
  while (!reader.empty()) {
    if (ids.size() == kMostIds)
      return reader.error("a status identity has too many ids", Code::kTooLarge);
    ids.push_back(TRY(read_record_text(reader)));
  }
  return ids;
}

// The rows of each of several identities count from now on, under an id that has none yet. It is
// made of theirs, so that whoever joins the same ones gets the same.
StatusIdentity merge(const StatusIdentities& parts) {
  if (parts.size() == 1) return parts.front();
  StatusIdentity merged;
  for (const StatusIdentity& part : parts) {
    merged.elders.push_back(part.id);
    std::ranges::copy(part.elders, std::back_inserter(merged.elders));
    std::ranges::copy(part.members, std::back_inserter(merged.members));
  }
  std::ranges::sort(merged.elders);
  std::string joined;
  for (const std::string& id : merged.elders) joined += id + '\n';
  merged.id = "status-" + hex(BytesView(crypto::sha256(as_bytes(joined))).first(16));
  return merged;
}

// join makes one of the identities that cover these issuers and returns it; it stands last.
StatusIdentity& join(StatusIdentities& identities, const std::vector<std::string>& issuers) {
  StatusIdentities parts;
  for (const std::string& issuer : issuers) {
    if (std::ranges::any_of(parts, [&](const auto& part) { return part.covers(issuer); })) continue;
    parts.push_back(identity_of(identities, issuer));
    std::erase_if(identities, [&](const auto& identity) { return identity.covers(issuer); });
  }
  return identities.emplace_back(merge(parts));
}

}  // namespace

bool StatusIdentity::covers(std::string_view issuer_id) const {
  return id == issuer_id || contains(elders, issuer_id) || contains(members, issuer_id);
}

std::vector<std::string_view> StatusIdentity::sources() const {
  std::vector<std::string_view> ids{id};
  ids.insert(ids.end(), elders.begin(), elders.end());
  return ids;
}

Bytes encode(const StatusIdentities& identities) {
  asn1::Writer w(512);
  w.sequence([&] {
    w.integer(1);
    w.sequence([&] {
      for (const StatusIdentity& identity : identities) {
        w.sequence([&] {
          w.element(asn1::kUtf8String, identity.id);
          write_record_texts(w, identity.elders);
          write_record_texts(w, identity.members);
        });
      }
    });
  });
  return std::move(w).take();
}

Result<StatusIdentities> decode_status_identities(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("status identities have an unknown version", Code::kUnsupported);
  asn1::Reader list = TRY(reader.enter_sequence());
  TRY(reader.finish());
  StatusIdentities identities;
  while (!list.empty()) {
    if (identities.size() == kMostIdentities)
      return list.error("there are too many status identities", Code::kTooLarge);
    asn1::Reader fields = TRY(list.enter_sequence());
    StatusIdentity& identity = identities.emplace_back();
    identity.id = TRY(read_record_text(fields));
    identity.elders = TRY(read_ids(fields));
    identity.members = TRY(read_ids(fields));
    TRY(fields.finish());
  }
  return identities;
}

record::StateKey status_identities_key(const record::Scope& scope) {
  return {record::StateKind::kSettings, scope, "status-identities"};
}

Result<StatusIdentities> read_status_identities(const record::StateReader& reader,
                                                const record::Scope& scope) {
  const auto row = TRY(reader.get(status_identities_key(scope)));
  if (!row) return StatusIdentities{};
  return decode_status_identities(row->value);
}

// Both are DER elements: where the one ends is never in question.
crypto::Sha256 name_and_key(const x509::Certificate& certificate) {
  Bytes both = to_bytes(certificate.subject().der());
  append(both, certificate.spki());
  return crypto::sha256(both);
}

StatusIdentity identity_of(const StatusIdentities& identities, std::string_view issuer_id) {
  for (const StatusIdentity& identity : identities) {
    if (identity.covers(issuer_id)) return identity;
  }
  return StatusIdentity{std::string(issuer_id)};
}

Result<StatusIdentities> unite(StatusIdentities identities,
                               const std::vector<AuthorityRecord>& present) {
  std::map<crypto::Sha256, std::vector<std::string>> twins;
  for (const AuthorityRecord& record : present) {
    const auto certificate = TRY(x509::Certificate::parse(BytesView(record.certificate)));
    twins[name_and_key(certificate)].push_back(record.id);
  }
  for (auto& [digest, ids] : twins) {
    std::ranges::sort(ids);
    const StatusIdentity first = identity_of(identities, ids.front());
    const bool one = std::ranges::all_of(ids, [&](const auto& id) { return first.covers(id); });
    if (!one) join(identities, ids);
  }
  return identities;
}

Result<void> admit(StatusIdentities& identities, std::string issuer_id,
                   const std::vector<std::string>& twins) {
  if (twins.empty()) return {};
  StatusIdentity& identity = join(identities, twins);
  if (identity.members.size() >= kMostIds || identity.elders.size() >= kMostIds) {
    return fail(Code::kTooLarge,
                "an authority's name and key can have at most 1000 issuers in a mount, deleted "
                "ones included: use another mount or a new key");
  }
  identity.members.push_back(std::move(issuer_id));
  return {};
}

Result<DeletedIssuers> deleted_issuers(const record::LogReader& log, const record::Scope& scope) {
  DeletedIssuers deleted;
  std::uint64_t next = 0;
  for (;;) {
    const auto rows = TRY(log.read_kind(record::EventKind::kAuthorityDeleted, next, kPage));
    for (const record::LogRow& row : rows) {
      const auto event = TRY(record::decode(row.entry.event));
      const std::string_view text = record::detail(event, "certificate");
      if (event.scope != scope || text.empty()) continue;
      const Bytes der = TRY(parse_base64(text));
      const auto certificate = TRY(x509::Certificate::parse(BytesView(der)));
      deleted.emplace(name_and_key(certificate), event.subject);
    }
    if (rows.size() < kPage) return deleted;
    next = rows.back().index + 1;
  }
}

}  // namespace chancery::ca
