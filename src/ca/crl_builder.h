#pragma once

#include <array>
#include <optional>

#include "ca/authority.h"
#include "ca/crl_content.h"
#include "ca/crl_entries.h"

namespace chancery::ca {

// PublishedCrl is a CRL as it is given out. Immutable.
struct PublishedCrl {
  CrlContent der;
  std::uint64_t number = 0;
  TimePoint this_update;
  TimePoint next_update;
  std::uint64_t count = 0;  // of its entries
  // Since when it is given out; nothing where another one may have been in the same second.
  std::optional<TimePoint> modified = std::nullopt;
};

// CrlParts is what a CRL lists, and what it has beside its number and its issuer's key.
struct CrlParts {
  std::array<BytesView, 3> entries;   // encoded; for good, on hold, and inherited
  Shard shard;                        // of them it lists these
  std::optional<std::uint64_t> base;  // it is a delta to the CRL of this number
  Bytes freshest;                     // values of extensions; empty: it has none
  Bytes scope;
};

// build_crl signs the CRL whose number and times `crl` has, and gives it its content and count. A
// large one is written into a file of the store's and signed from there, so that it takes no
// memory; only where there is no space for a file, it is made in memory. Errors: kDataLoss
// (entries), those of the signer.
[[nodiscard]] Result<void> build_crl(record::DerivedFiles& files, const Authority& authority,
                                     const CrlParts& parts, PublishedCrl& crl);

}  // namespace chancery::ca
