#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "record/write_set.h"

namespace chancery::ca {

// CrlState is what is stored of an authority's last published CRLs: their numbers never go back.
struct CrlState {
  std::uint64_t number = 0;  // of the complete CRL
  TimePoint this_update;
  TimePoint next_update;
  Bytes imported;  // the whole CRL where another program made it; empty for our own
  // How much of the entry file is in it, in bytes: what it takes to make the same CRL again.
  // Nothing where that is not known.
  std::optional<std::uint64_t> entries = std::nullopt;
  bool disabled = false;         // it has no entries because its mount wants none
  std::uint32_t generation = 0;  // which entry file holds its entries; a new one after each tidy
  // Revocations below this log index are in the entry file only if their rows still stand.
  std::uint64_t tidied_below = 0;
  // Number of the last delta CRL, where one came after the complete CRL.
  std::optional<std::uint64_t> delta_number = std::nullopt;
  // Its entries of certificates on hold, one behind the other.
  Bytes held = {};
  // Entries of CRLs that were imported before the key came here: they stay on all that follow.
  Bytes inherited = {};

  // last_number is the highest number given out: both kinds share one sequence (RFC 5280, 5.2.3).
  [[nodiscard]] std::uint64_t last_number() const { return delta_number.value_or(number); }
};
[[nodiscard]] Bytes encode(const CrlState& state);
[[nodiscard]] Result<CrlState> decode_crl_state(BytesView der);
[[nodiscard]] record::StateKey crl_key(const record::Scope& scope, std::string_view issuer_id);

// crl_number_octets is a CRL number as the extension's INTEGER has it: big-endian.
[[nodiscard]] Bytes crl_number_octets(std::uint64_t number);

}  // namespace chancery::ca
