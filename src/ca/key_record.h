#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "crypto/public_key.h"
#include "record/write_set.h"

namespace chancery::ca {

// KeyRecord is what a mount knows of one of its keys; the key itself is in the key store, under the
// same id.
struct KeyRecord {
  std::string id;
  std::string name;  // unique in its mount; may be empty
  Bytes spki;
  TimePoint created;
};

// Codec of the stored row: DER, refusing what encode would not write.
//
//   Key ::= SEQUENCE { version INTEGER (1), id, name UTF8String, spki OCTET STRING,
//     created GeneralizedTime }
[[nodiscard]] Bytes encode(const KeyRecord& record);
[[nodiscard]] Result<KeyRecord> decode_key(BytesView der);
[[nodiscard]] record::StateKey key_row(const record::Scope& scope, std::string_view id);

}  // namespace chancery::ca
