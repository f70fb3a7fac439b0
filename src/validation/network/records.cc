#include "validation/network/records.h"

#include <algorithm>

#include "base/text.h"

namespace chancery::validation::network {
namespace {

constexpr std::uint8_t kCriticalFlag = 0x80;

bool is_tag_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

Result<std::string> txt_text(BytesView data) {
  if (data.empty()) return fail(Code::kMalformed, "a TXT record without a string");
  std::string text;
  while (!data.empty()) {
    const std::size_t size = data[0];
    if (size > data.size() - 1) return fail(Code::kMalformed, "a TXT record that is cut short");
    text += as_text(data.subspan(1, size));
    data = data.subspan(1 + size);
  }
  return text;
}

Result<CaaRecord> parse_caa(BytesView data) {
  if (data.size() < 2) return fail(Code::kMalformed, "a CAA record that is cut short");
  const std::size_t tag_size = data[1];
  if (tag_size == 0) return fail(Code::kMalformed, "a CAA record with an empty tag");
  if (tag_size > data.size() - 2) return fail(Code::kMalformed, "a CAA record that is cut short");
  const std::string_view tag = as_text(data.subspan(2, tag_size));
  if (!std::ranges::all_of(tag, is_tag_char))
    return fail(Code::kMalformed, "a CAA record whose tag is not of letters and digits");
  return CaaRecord{(data[0] & kCriticalFlag) != 0, to_lower(tag),
                   std::string(as_text(data.subspan(2 + tag_size)))};
}

}  // namespace chancery::validation::network
