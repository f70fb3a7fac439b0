#include "asn1/reader.h"

#include <string>

namespace chancery::asn1 {
namespace {

constexpr std::size_t kMaxOidSize = 64;

bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

unsigned two_digits(std::string_view text, std::size_t at) {
  return static_cast<unsigned>((text[at] - '0') * 10 + (text[at + 1] - '0'));
}

}  // namespace

std::unexpected<Error> Reader::error(std::string_view detail, Code code) const {
  return std::unexpected(Error{code, std::string(detail), {}, {}}.with(
      "offset", std::to_string(rest_.data() - origin_)));
}

std::optional<Reader::Fault> Reader::split(Element& out) {
  if (rest_.size() < 2)
    return Fault{rest_.empty() ? "DER ends where an element is expected" : "DER is truncated"};
  const std::uint8_t tag = rest_[0];
  if ((tag & 0x1f) == 0x1f) return Fault{"DER uses a high tag number"};
  std::size_t header = 2;
  std::size_t length = rest_[1];
  if (length >= 0x80) {
    const std::size_t count = length & 0x7f;
    if (count == 0) return Fault{"DER uses an indefinite length"};
    if (count > 4) return Fault{"DER length is over the limit", Code::kTooLarge};
    if (rest_.size() < header + count) return Fault{"DER is truncated in a length"};
    if (rest_[2] == 0) return Fault{"DER length is not minimal"};
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | rest_[header + i];
    if (length < 0x80) return Fault{"DER length is not minimal"};
    header += count;
  }
  if (length > kMaxElementSize) return Fault{"DER element is over the size limit", Code::kTooLarge};
  if (rest_.size() - header < length) return Fault{"DER element is longer than its container"};
  out = {tag, rest_.subspan(header, length), rest_.first(header + length)};
  rest_ = rest_.subspan(header + length);
  return std::nullopt;
}

Result<Element> Reader::next() {
  Element element;
  if (const auto fault = split(element)) return error(*fault);
  return element;
}

std::unexpected<Error> Reader::wrong_tag() const {
  return error(rest_.empty() ? "a required DER element is missing"
                             : "DER element has an unexpected type");
}

Result<BytesView> Reader::read(std::uint8_t tag) {
  if (!next_is(tag)) return wrong_tag();
  Element element;
  if (const auto fault = split(element)) return error(*fault);
  return element.content;
}

Result<BytesView> Reader::read_whole(std::uint8_t tag) {
  if (!next_is(tag)) return wrong_tag();
  Element element;
  if (const auto fault = split(element)) return error(*fault);
  return element.whole;
}

Result<std::optional<BytesView>> Reader::read_optional(std::uint8_t tag) {
  if (!next_is(tag)) return std::nullopt;
  Element element;
  if (const auto fault = split(element)) return error(*fault);
  return element.content;
}

Result<Reader> Reader::enter(std::uint8_t tag) {
  if (depth_ + 1 >= kMaxDepth) return error("DER is nested too deeply", Code::kTooLarge);
  if (!next_is(tag)) return wrong_tag();
  Element element;
  if (const auto fault = split(element)) return error(*fault);
  return Reader(element.content, origin_, depth_ + 1);
}

Result<void> Reader::finish() const {
  if (!rest_.empty()) return error("DER has an unexpected element");
  return {};
}

Result<bool> Reader::read_boolean() {
  const BytesView content = TRY(read(kBoolean));
  if (content.size() != 1 || (content[0] != 0x00 && content[0] != 0xff))
    return error("BOOLEAN is not DER");
  return content[0] != 0;
}

Result<BytesView> Reader::read_integer(std::uint8_t tag) {
  const BytesView content = TRY(read(tag));
  if (content.empty()) return error("INTEGER is empty");
  if (content.size() > 1) {
    const bool sign = (content[1] & 0x80) != 0;
    if ((content[0] == 0x00 && !sign) || (content[0] == 0xff && sign))
      return error("INTEGER is not minimal");
  }
  return content;
}

Result<BytesView> Reader::read_unsigned() {
  const BytesView content = TRY(read_integer());
  if ((content[0] & 0x80) != 0) return error("INTEGER is negative");
  return content.size() > 1 && content[0] == 0 ? content.subspan(1) : content;
}

Result<std::int64_t> Reader::read_int64(std::uint8_t tag) {
  const BytesView content = TRY(read_integer(tag));
  if (content.size() > 8) return error("INTEGER does not fit 64 bits", Code::kTooLarge);
  std::uint64_t value = (content[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t byte : content) value = value << 8 | byte;
  return static_cast<std::int64_t>(value);
}

Result<BitString> Reader::read_bit_string(std::uint8_t tag) {
  const BytesView content = TRY(read(tag));
  if (content.empty() || content[0] > 7) return error("BIT STRING is malformed");
  const unsigned unused = content[0];
  const BytesView bytes = content.subspan(1);
  if (unused != 0 && (bytes.empty() || (bytes.back() & ((1U << unused) - 1)) != 0)) {
    return error("BIT STRING has unused bits that are not zero");
  }
  return BitString{bytes, unused};
}

Result<BytesView> Reader::read_oid(std::uint8_t tag) {
  const BytesView content = TRY(read(tag));
  if (content.empty() || content.size() > kMaxOidSize || (content.back() & 0x80) != 0) {
    return error("OBJECT IDENTIFIER is malformed");
  }
  bool start = true;
  for (const std::uint8_t byte : content) {
    if (start && byte == 0x80) return error("OBJECT IDENTIFIER is not minimal");
    start = (byte & 0x80) == 0;
  }
  return content;
}

Result<void> Reader::read_null() {
  const BytesView content = TRY(read(kNull));
  if (!content.empty()) return error("NULL has content");
  return {};
}

Result<TimePoint> Reader::read_time() {
  if (next_is(kGeneralizedTime)) return read_generalized_time();
  const std::string_view text = as_text(TRY(read(kUtcTime)));
  if (text.size() != 13 || text[12] != 'Z' || !all_digits(text.substr(0, 12))) {
    return error("UTCTime is not of the form YYMMDDHHMMSSZ");
  }
  const unsigned year = two_digits(text, 0);
  const auto time = from_civil({static_cast<int>(year >= 50 ? 1900 + year : 2000 + year),
                                two_digits(text, 2), two_digits(text, 4), two_digits(text, 6),
                                two_digits(text, 8), two_digits(text, 10)});
  if (!time) return error("UTCTime names no valid time");
  return *time;
}

Result<TimePoint> Reader::read_generalized_time() {
  const std::string_view text = as_text(TRY(read(kGeneralizedTime)));
  if (text.size() != 15 || text[14] != 'Z' || !all_digits(text.substr(0, 14))) {
    return error("GeneralizedTime is not of the form YYYYMMDDHHMMSSZ");
  }
  const auto time = from_civil({static_cast<int>(two_digits(text, 0) * 100 + two_digits(text, 2)),
                                two_digits(text, 4), two_digits(text, 6), two_digits(text, 8),
                                two_digits(text, 10), two_digits(text, 12)});
  if (!time) return error("GeneralizedTime names no valid time");
  return *time;
}

}  // namespace chancery::asn1
