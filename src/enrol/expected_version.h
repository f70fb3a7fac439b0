#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "record/write_set.h"

namespace chancery::enrol {

// ExpectedVersion is a condition on a change: the present version, 0 for "there is none", nothing
// for no condition.
using ExpectedVersion = std::optional<std::uint64_t>;

// expect checks the condition against the row as it was read and stages that the row is still so at
// the commit; of two writers that read the same state one gets kConflict by the commit. Errors:
// kConflict (Error::where has field "version"); `what` names the object in it.
[[nodiscard]] Result<void> expect(record::WriteSet& writes, const record::StateKey& key,
                                  const std::optional<record::StateRow>& present,
                                  ExpectedVersion expected, std::string_view what);

}  // namespace chancery::enrol
