#include "ca/unlisted.h"

#include <string>

namespace chancery::ca {
namespace {

constexpr std::size_t kSerialSize = 19;

}  // namespace

std::optional<record::StateKey> unlisted_mark(const record::Scope& scope,
                                              std::string_view status_id, BytesView serial) {
  if (serial.size() != kSerialSize) return std::nullopt;
  const std::string month = hex(serial.subspan(1, 2));  // behind the cell
  return record::StateKey{record::StateKind::kSettings, scope,
                          "unlisted:" + std::string(status_id) + ":" + month};
}

}  // namespace chancery::ca
