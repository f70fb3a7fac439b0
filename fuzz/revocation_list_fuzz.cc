#include <cstddef>
#include <cstdint>
#include <string_view>

#include "asn1/reader.h"
#include "protocols/json/body.h"
#include "protocols/vault/revocation_list.h"

// What is nested in a request to sign a list of revocations, behind the strict reader of bodies. Of
// what is accepted every entry is a serial number, a time and perhaps extensions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!json::Body::parse_json(text)) return 0;
  const auto list = vault::read_revocation_list(text);
  if (!list) return 0;
  asn1::Reader entries{BytesView(list->entries)};
  for (std::size_t i = 0; i < list->count; ++i) {
    auto entry = entries.enter_sequence();
    CHANCERY_CHECK(entry.has_value());
    CHANCERY_CHECK(entry->read_integer().has_value() && entry->read_time().has_value());
    CHANCERY_CHECK(entry->empty() || entry->enter_sequence().has_value());
    CHANCERY_CHECK(entry->finish().has_value());
  }
  CHANCERY_CHECK(entries.finish().has_value());
  for (const x509::Extension& extension : list->extensions)
    CHANCERY_CHECK(!extension.id.to_string().empty());
  return 0;
}
