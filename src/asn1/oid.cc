#include "asn1/oid.h"

#include <algorithm>
#include <vector>

namespace chancery::asn1 {
namespace {

// Decimal is a whole number of any size: an arc may have more than 64 bits, such as those below
// 2.25, which are UUIDs.
class Decimal {
 public:
  // shift_in appends seven bits.
  void shift_in(unsigned bits) {
    unsigned carry = bits;
    for (std::uint8_t& digit : digits_) {
      carry += digit * 128U;
      digit = static_cast<std::uint8_t>(carry % 10);
      carry /= 10;
    }
    for (; carry != 0; carry /= 10) digits_.push_back(static_cast<std::uint8_t>(carry % 10));
  }
  [[nodiscard]] std::string to_string() const {
    std::string text;
    for (const std::uint8_t digit : digits_)
      text.insert(text.begin(), static_cast<char>('0' + digit));
    return text.empty() ? "0" : text;
  }
  // first_two reads the number as 40 times an arc of at most 2, plus the next arc.
  [[nodiscard]] std::string first_two() const {
    const unsigned tens = digits_.size() < 2 ? 0 : digits_[1];
    if (digits_.size() <= 2 && tens < 4) return "0." + to_string();
    Decimal second = *this;
    second.subtract_tens(digits_.size() <= 2 && tens < 8 ? 4 : 8);
    return (digits_.size() <= 2 && tens < 8 ? "1." : "2.") + second.to_string();
  }

 private:
  void subtract_tens(std::uint8_t tens) {
    std::size_t at = 1;
    while (digits_[at] < tens) {  // borrow
      digits_[at] = static_cast<std::uint8_t>(digits_[at] + 10 - tens);
      tens = 1;
      ++at;
    }
    digits_[at] = static_cast<std::uint8_t>(digits_[at] - tens);
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
  }

  std::vector<std::uint8_t> digits_;  // the last one first
};

}  // namespace

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
  Decimal arc;
  for (const std::uint8_t octet : der()) {
    arc.shift_in(octet & 0x7fU);
    if ((octet & 0x80) != 0) continue;
    text += text.empty() ? arc.first_two() : "." + arc.to_string();
    arc = {};
  }
  return text;
}

}  // namespace chancery::asn1
