#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ca/authority.h"
#include "ca/crl_entries.h"
#include "ca/crl_state.h"
#include "record/store.h"

namespace chancery::ca {

// crl_row_id is the id of the row of an authority's CRL: that of its status identity, and the
// shard's name.
[[nodiscard]] std::string crl_row_id(std::string_view status_id, const Shard& shard);

// LastCrl is what the next CRL of a status identity follows.
struct LastCrl {
  std::optional<record::StateRow> row;  // nothing: none was published under its own id
  // What `row` holds; without it what the last CRLs of its elders have in common, if there were
  // any.
  CrlState state;
  // No number up to this one may be given out again.
  std::uint64_t used = 0;
};
// inherited_entries adds to what a state has inherited the entries of the CRL that was imported, if
// there is one: each certificate once. Errors: kDataLoss.
[[nodiscard]] Result<Bytes> inherited_entries(const CrlState& state);

// read_last_crl looks at the rows of all ids of the identity: of those of elders, and of what a
// restore from a backup wrote for single issuers, no number and no time may come again.
[[nodiscard]] Result<LastCrl> read_last_crl(const record::StateReader& state,
                                            const Authority& authority, const Shard& shard);

}  // namespace chancery::ca
