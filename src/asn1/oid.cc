#include "asn1/oid.h"

#include <algorithm>

namespace chancery::asn1 {

Result<Oid> Oid::parse(std::string_view dotted) {
  Oid oid;
  if (!oid.assign(dotted))
    return fail(Code::kMalformed, "not an object identifier such as 1.3.6.1.4.1.11129");
  return oid;
}

Result<Oid> Oid::from_der(BytesView content) {
  if (content.size() > kMaxSize) return fail(Code::kTooLarge, "object identifier is too long");
  Oid oid;
  std::ranges::copy(content, oid.octets_.begin());
  oid.size_ = static_cast<std::uint8_t>(content.size());
  return oid;
}

std::string Oid::to_string() const {
  std::string text;
  std::uint64_t arc = 0;
  for (const std::uint8_t octet : der()) {
    arc = arc << 7 | (octet & 0x7fU);
    if ((octet & 0x80) != 0) continue;
    if (text.empty()) {
      const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
      text = std::to_string(first) + "." + std::to_string(arc - first * 40);
    } else {
      text += "." + std::to_string(arc);
    }
    arc = 0;
  }
  return text;
}

}  // namespace chancery::asn1
