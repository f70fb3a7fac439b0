#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"

// Texts in stored records. Internal to this folder.
namespace chancery::ca {

inline constexpr std::size_t kMaxRecordItems = 64;

[[nodiscard]] inline Result<std::string> read_record_text(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(text)) return reader.error("stored text is not UTF-8");
  return std::string(text);
}

inline void write_record_texts(asn1::Writer& w, const std::vector<std::string>& texts) {
  w.sequence([&] {
    for (const std::string& text : texts) w.element(asn1::kUtf8String, text);
  });
}

[[nodiscard]] inline Result<std::vector<std::string>> read_record_texts(asn1::Reader& outer) {
  asn1::Reader reader = TRY(outer.enter_sequence());
  std::vector<std::string> texts;
  while (!reader.empty()) {
    if (texts.size() == kMaxRecordItems) {
      return reader.error("stored record has too many items", Code::kTooLarge);
    }
    texts.push_back(TRY(read_record_text(reader)));
  }
  return texts;
}

}  // namespace chancery::ca
