#include "enrol/expected_version.h"

namespace chancery::enrol {

Result<void> expect(record::WriteSet& writes, const record::StateKey& key,
                    const std::optional<record::StateRow>& present, ExpectedVersion expected,
                    std::string_view what) {
  const std::uint64_t version = present ? present->version : 0;
  if (expected && *expected != version) {
    const std::string detail =
        version == 0 ? "there is no such " + std::string(what) + " (any more)"
                     : "the " + std::string(what) + " is at version " + std::to_string(version);
    return std::unexpected(Error{Code::kConflict, detail, {}, {}}.with("field", "version"));
  }
  if (present) {
    writes.require_version(key, version);
  } else {
    writes.require_absent(key);
  }
  return {};
}

}  // namespace chancery::enrol
