#include "ca/crl_entries.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "ca/service.h"
#include "ca/status_settings.h"
#include "x509/crl.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::string_view kVariable = "{{crl_shard_";
constexpr std::string_view kVariableEnd = "}}";

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool canonical = text == "0" || !text.starts_with('0');
  if (error != std::errc{} || stop != end || !canonical) return std::nullopt;
  return value;
}

std::optional<unsigned> shard_count(std::string_view text) {
  const auto count = number(text);
  const bool fits = count && *count <= kMostCrlShards && std::has_single_bit(*count);
  return fits ? count : std::nullopt;
}

// The variable in a URL and its number; nothing where there is none.
struct Variable {
  std::size_t begin = 0;
  std::size_t end = 0;
  unsigned count = 0;
};

std::optional<Variable> find_variable(std::string_view url) {
  const std::size_t begin = url.find(kVariable);
  if (begin == url.npos) return std::nullopt;
  const std::size_t digits = begin + kVariable.size();
  const std::size_t end = url.find(kVariableEnd, digits);
  if (end == url.npos) return std::nullopt;
  const auto count = shard_count(url.substr(digits, end - digits));
  if (!count) return std::nullopt;
  return Variable{begin, end + kVariableEnd.size(), *count};
}

}  // namespace

bool Shard::contains(BytesView serial) const {
  return whole() || shard_of(serial, count).index == index;
}

Shard shard_of(BytesView serial, unsigned count) {
  if (count == 0) return {};
  unsigned value = 0;
  for (const std::uint8_t octet : serial.last(std::min<std::size_t>(serial.size(), 2)))
    value = value << 8 | octet;
  return {count, value % count};
}

std::string to_string(const Shard& shard) {
  return std::to_string(shard.count) + "-" + std::to_string(shard.index);
}

std::optional<Shard> parse_shard(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto count = shard_count(text.substr(0, dash));
  const auto index = number(text.substr(dash + 1));
  if (!count || !index || *index >= *count) return std::nullopt;
  return Shard{*count, *index};
}

std::string with_shard(std::string_view url, BytesView serial) {
  std::string filled(url);
  while (const auto variable = find_variable(filled)) {
    filled.replace(variable->begin, variable->end - variable->begin,
                   to_string(shard_of(serial, variable->count)));
  }
  return filled;
}

unsigned shards_in(std::string_view url) {
  const auto variable = find_variable(url);
  return variable ? variable->count : 0;
}

std::vector<std::string> urls_of_shard(std::span<const std::string> urls, const Shard& shard) {
  // The variable takes a shard from the end of a serial number.
  const Bytes serial{static_cast<std::uint8_t>(shard.index >> 8),
                     static_cast<std::uint8_t>(shard.index)};
  std::vector<std::string> names;
  for (const std::string& url : urls) {
    if (shards_in(url) == shard.count) names.push_back(with_shard(url, serial));
  }
  return names;
}

namespace {

// The holds of one source of a status identity.
Result<void> read_held_of(const record::StateReader& state, const record::Scope& scope,
                          std::string_view source, HeldEntries& held) {
  const std::string prefix = std::string(source) + ":";
  std::string after = prefix;
  for (;;) {
    const auto rows = TRY(state.list(record::StateKind::kHold, scope, after, kPage));
    for (const record::StateRow& row : rows) {
      if (!row.key.id.starts_with(prefix)) return {};
      const Bytes serial = TRY(parse_hex(std::string_view(row.key.id).substr(prefix.size())));
      const Revocation hold = TRY(decode_revocation(row.value));
      held.emplace(as_text(serial), x509::encode_crl_entry(serial, hold.revoked_at, hold.reason,
                                                           hold.invalid_since));
    }
    if (rows.size() < kPage) return {};
    after = rows.back().key.id;
  }
}

}  // namespace

Result<HeldEntries> read_held(const record::StateReader& state, const Authority& authority) {
  HeldEntries held;
  for (const std::string_view source : authority.status().sources())
    TRY(read_held_of(state, authority.scope(), source, held));
  return held;
}

Result<HeldEntries> parse_held(BytesView entries) {
  HeldEntries held;
  TRY(for_each_entry(entries, [&](BytesView serial, BytesView entry) {
    held.emplace(as_text(serial), to_bytes(entry));
  }));
  return held;
}

Bytes joined(const HeldEntries& held) {
  Bytes entries;
  for (const auto& [serial, entry] : held) append(entries, entry);
  return entries;
}

Result<std::uint64_t> count_entries(BytesView entries) {
  std::uint64_t count = 0;
  asn1::Reader list(entries);
  for (; !list.empty(); ++count) TRY(list.read(asn1::kSequence));
  return count;
}

Result<Bytes> delta_of_held(const HeldEntries& base, const HeldEntries& now, BytesView revoked) {
  HeldEntries ended = base;
  Bytes entries;
  for (const auto& [serial, entry] : now) {
    const auto before = ended.find(serial);
    const bool same = before != ended.end() && before->second == entry;
    if (!same) append(entries, entry);
    if (before != ended.end()) ended.erase(before);
  }
  TRY(for_each_entry(
      revoked, [&](BytesView serial, BytesView) { ended.erase(std::string(as_text(serial))); }));
  for (const auto& [serial, entry] : ended) {
    asn1::Reader whole{BytesView(entry)};
    asn1::Reader fields = TRY(whole.enter_sequence());
    const BytesView number = TRY(fields.read_integer());
    const TimePoint since = TRY(fields.read_time());
    append(entries, x509::encode_crl_entry(number, since, x509::ReasonCode::kRemoveFromCrl));
  }
  return entries;
}

}  // namespace chancery::ca
