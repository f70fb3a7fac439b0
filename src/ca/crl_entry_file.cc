#include "ca/crl_entry_file.h"

#include <algorithm>

#include "ca/service.h"
#include "x509/crl.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kPage = 2000;
// What is appended in one go, which costs a few flushes.
constexpr std::size_t kPiece = std::size_t{1} << 20;

std::string file_name(const Authority& authority, std::uint32_t generation) {
  const std::string name = "crl-" + authority.status().id;
  return generation == 0 ? name : name + "-" + std::to_string(generation);
}

// encode_entry turns a recorded revocation into its CRL entry.
Result<Bytes> encode_entry(const record::Event& event) {
  const Bytes serial = TRY(parse_hex(event.subject));
  const auto reason = x509::reason_code(record::detail(event, "reason"));
  if (!reason) return fail(Code::kDataLoss, "a recorded revocation has no known reason");
  std::optional<TimePoint> invalid_since;
  if (const auto since = record::detail(event, "invalid_since"); !since.empty())
    invalid_since = TRY(parse_rfc3339(since));
  return x509::encode_crl_entry(serial, event.time, *reason, invalid_since);
}

// Whose row the event wrote; the event says it where that is not the issuer itself.
std::string_view source_of(const record::Event& event) {
  const std::string_view status_id = record::detail(event, "status_id");
  return status_id.empty() ? record::detail(event, "issuer") : status_id;
}

}  // namespace

CrlEntryFile::CrlEntryFile(record::Store& store, const Authority& authority,
                           std::uint32_t generation, std::uint64_t tidied_below)
    : store_(store),
      authority_(authority),
      sources_(authority.status().sources()),
      name_(file_name(authority, generation)),
      tidied_below_(tidied_below) {}

Result<bool> CrlEntryFile::counts(const record::LogRow& row, const record::Event& event) const {
  if (event.scope != authority_.scope()) return false;
  const auto source = std::ranges::find(sources_, source_of(event));
  if (source == sources_.end()) return false;
  if (source == sources_.begin() && row.index >= tidied_below_) return true;
  const Bytes serial = TRY(parse_hex(event.subject));
  const auto revocation = [&](std::string_view id) -> Result<std::optional<Revocation>> {
    const auto state = TRY(store_.state().get(revocation_key(event.scope, id, serial)));
    if (!state) return std::nullopt;
    return TRY(decode_revocation(state->value));
  };
  // What several elders revoked, before it was known that they are one, stands once.
  for (auto other = sources_.begin(); other != source; ++other) {
    const auto found = TRY(revocation(*other));
    if (found && found->reason != x509::ReasonCode::kCertificateHold) return false;
  }
  if (row.index >= tidied_below_) return true;
  // A certificate that was revoked again after a tidy has two events and one row.
  const auto own = TRY(revocation(*source));
  return own && own->revoked_at == event.time;
}

Result<std::uint64_t> CrlEntryFile::catch_up(const std::stop_token& stop) {
  const std::uint64_t end = store_.log().size();
  std::uint64_t next = TRY(open(UINT64_MAX)).covers;
  Bytes entries;
  while (next < end) {
    if (stop.stop_requested()) return fail(Code::kUnavailable, "cancelled");
    const auto rows =
        TRY(store_.log().read_kind(record::EventKind::kCertificateRevoked, next, kPage));
    next = rows.size() == kPage ? std::min(end, rows.back().index + 1) : end;
    for (const record::LogRow& row : rows) {
      if (row.index >= end) break;  // came after the position that this file will claim to cover
      const auto event = TRY(record::decode(row.entry.event));
      if (TRY(counts(row, event))) append(entries, TRY(encode_entry(event)));
    }
    // A position that moved without new entries is not worth a flush.
    if (entries.empty() || (next < end && entries.size() < kPiece)) continue;
    TRY(store_.files().append(name_, entries, next));
    entries.clear();
  }
  return next;
}

Result<record::DerivedFiles::Content> CrlEntryFile::open(std::uint64_t seen) const {
  return store_.files().open_again(name_, seen);
}

Result<void> CrlEntryFile::remove() { return store_.files().remove(name_); }

}  // namespace chancery::ca
