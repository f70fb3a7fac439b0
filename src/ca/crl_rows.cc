#include "ca/crl_rows.h"

#include <algorithm>
#include <vector>

#include "x509/crl.h"

namespace chancery::ca {
namespace {

// Where twins that published on their own come together while the program runs, one of them may be
// publishing: its number stays below those of both.
constexpr std::uint64_t kGap = 1000;

}  // namespace

std::string crl_row_id(std::string_view status_id, const Shard& shard) {
  return shard.whole() ? std::string(status_id) : std::string(status_id) + "#" + to_string(shard);
}

Result<Bytes> inherited_entries(const CrlState& state) {
  if (state.imported.empty()) return state.inherited;
  const auto list = TRY(x509::CertificateList::parse(BytesView(state.imported)));
  HeldEntries entries = TRY(parse_held(state.inherited));
  for (const x509::CrlEntry& entry : list.entries())
    entries.insert_or_assign(std::string(as_text(entry.serial)), to_bytes(entry.der));
  return joined(entries);
}

Result<LastCrl> read_last_crl(const record::StateReader& state, const Authority& authority,
                              const Shard& shard) {
  const StatusIdentity& status = authority.status();
  const auto read = [&](std::string_view id) {
    return state.get(crl_key(authority.scope(), crl_row_id(id, shard)));
  };
  LastCrl last;
  last.row = TRY(read(status.id));
  if (last.row) last.state = TRY(decode_crl_state(last.row->value));
  last.used = last.state.last_number();
  std::vector<std::string> others = status.elders;
  others.insert(others.end(), status.members.begin(), status.members.end());
  for (const std::string& id : others) {
    const auto row = TRY(read(id));
    if (!row) continue;
    CrlState other = TRY(decode_crl_state(row->value));
    last.used = std::max(last.used, other.last_number() + (last.row ? 0 : kGap));
    if (last.row) continue;
    CrlState& begin = last.state;
    begin.this_update = std::max(begin.this_update, other.this_update);
    begin.tidied_below = std::max(begin.tidied_below, other.tidied_below);
    other.inherited = TRY(inherited_entries(other));
    HeldEntries inherited = TRY(parse_held(begin.inherited));
    HeldEntries more = TRY(parse_held(other.inherited));
    inherited.merge(more);
    begin.inherited = joined(inherited);
    if (other.imported.empty() || other.number <= begin.number) continue;
    begin.number = other.number;
    begin.next_update = other.next_update;
    begin.imported = std::move(other.imported);
  }
  return last;
}

}  // namespace chancery::ca
