#pragma once

#include <compare>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "asn1/reader.h"
#include "ca/authority.h"
#include "record/store.h"

namespace chancery::ca {

// Shard is a part of an authority's certificates: those whose serial number, modulo `count`, is
// `index`. Count is a power of two; zero: all certificates. The number is the serial's last two
// octets, which are random.
struct Shard {
  unsigned count = 0;
  unsigned index = 0;

  [[nodiscard]] bool whole() const { return count == 0; }
  [[nodiscard]] bool contains(BytesView serial) const;
  friend auto operator<=>(const Shard&, const Shard&) = default;
};
[[nodiscard]] Shard shard_of(BytesView serial, unsigned count);
// to_string gives the name in URLs: "16-3". parse_shard takes nothing else; nothing: it is none.
[[nodiscard]] std::string to_string(const Shard& shard);
[[nodiscard]] std::optional<Shard> parse_shard(std::string_view text);

// with_shard fills {{crl_shard_16}} in a URL with the name of the shard that `serial` lies in.
[[nodiscard]] std::string with_shard(std::string_view url, BytesView serial);
// shards_in says of how many shards a URL speaks by that variable; zero: it has none.
[[nodiscard]] unsigned shards_in(std::string_view url);
// urls_of_shard gives those of some URLs that speak of as many shards, filled with this one; of all
// certificates those that speak of none.
[[nodiscard]] std::vector<std::string> urls_of_shard(std::span<const std::string> urls,
                                                     const Shard& shard);

// HeldEntries are the encoded CRL entries of certificates on hold, by serial (content octets).
using HeldEntries = std::map<std::string, Bytes, std::less<>>;
[[nodiscard]] Result<HeldEntries> read_held(const record::StateReader& state,
                                            const Authority& authority);
// parse_held reads entries that stand one behind the other. Errors: kDataLoss.
[[nodiscard]] Result<HeldEntries> parse_held(BytesView entries);
[[nodiscard]] Bytes joined(const HeldEntries& held);

// for_each_entry calls `take(serial, entry)` for encoded entries one behind the other. Errors:
// kDataLoss.
template <class Take>
Result<void> for_each_entry(BytesView entries, Take take);
[[nodiscard]] Result<std::uint64_t> count_entries(BytesView entries);

// delta_of_held says what a delta CRL has to tell of holds: those that its complete CRL lacks, and
// removeFromCRL for those that ended since (RFC 5280 section 5.3.1). `revoked` are the entries of
// certificates that were revoked for good since: of them everything is said there.
[[nodiscard]] Result<Bytes> delta_of_held(const HeldEntries& base, const HeldEntries& now,
                                          BytesView revoked);

template <class Take>
Result<void> for_each_entry(BytesView entries, Take take) {
  asn1::Reader list(entries);
  while (!list.empty()) {
    const BytesView entry = TRY(list.read_whole(asn1::kSequence));
    asn1::Reader whole(entry);
    asn1::Reader fields = TRY(whole.enter_sequence());
    take(TRY(fields.read_integer()), entry);
  }
  return {};
}

}  // namespace chancery::ca
