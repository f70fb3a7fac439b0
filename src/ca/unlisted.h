#pragma once

#include <optional>
#include <string_view>

#include "record/write_set.h"

namespace chancery::ca {

// Certificates of roles with no_store are in the log as events, but in no index: whether one of
// them has a certain serial cannot be looked up. The first one of a status identity that expires in
// a certain month leaves a mark, by which OCSP knows for which serials it may not say "unknown".
// Serials of another form than make_serial's have no mark.
[[nodiscard]] std::optional<record::StateKey> unlisted_mark(const record::Scope& scope,
                                                            std::string_view status_id,
                                                            BytesView serial);

}  // namespace chancery::ca
