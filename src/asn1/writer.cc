#include "asn1/writer.h"

#include <array>

namespace chancery::asn1 {
namespace {

std::size_t length_octets(std::size_t length) {
  std::size_t count = 0;
  while (length > 0) {
    ++count;
    length >>= 8;
  }
  return count;
}

// TimeText writes the digits of a time; a certificate has several, and snprintf costs more than the
// rest of the element.
class TimeText {
 public:
  void add(unsigned two_digits) {
    text_[size_++] = static_cast<char>('0' + two_digits / 10 % 10);
    text_[size_++] = static_cast<char>('0' + two_digits % 10);
  }
  void add_rest(const CivilTime& c) {
    for (const unsigned part : {c.month, c.day, c.hour, c.minute, c.second}) add(part);
    text_[size_++] = 'Z';
  }
  [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 16> text_{};
  std::size_t size_ = 0;
};

}  // namespace

std::size_t Writer::begin(std::uint8_t tag) {
  out_.push_back(tag);
  out_.push_back(0);  // one octet of length; end() widens it when the content turns out longer
  return out_.size();
}

void Writer::end(std::size_t start) {
  const std::size_t length = out_.size() - start;
  if (length < 0x80) {
    out_[start - 1] = static_cast<std::uint8_t>(length);
    return;
  }
  const std::size_t count = length_octets(length);
  out_[start - 1] = static_cast<std::uint8_t>(0x80 | count);
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = 0; i < count; ++i)
    octets[i] = static_cast<std::uint8_t>(length >> (8 * (count - 1 - i)));
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(start), octets.begin(),
              octets.begin() + static_cast<std::ptrdiff_t>(count));
}

void Writer::element(std::uint8_t tag, BytesView content) {
  nest(tag, [&] { append(out_, content); });
}

void Writer::boolean(bool value) {
  const std::uint8_t content = value ? 0xff : 0x00;
  element(kBoolean, BytesView(&content, 1));
}

void Writer::integer(std::int64_t value, std::uint8_t tag) {
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(value >> (8 * (7 - i)));
  std::size_t first = 0;
  while (first < 7 && ((octets[first] == 0x00 && octets[first + 1] < 0x80) ||
                       (octets[first] == 0xff && octets[first + 1] >= 0x80))) {
    ++first;
  }
  element(tag, BytesView(octets).subspan(first));
}

void Writer::unsigned_integer(BytesView magnitude) {
  while (magnitude.size() > 1 && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  nest(kInteger, [&] {
    if (magnitude.empty() || magnitude.front() >= 0x80) out_.push_back(0);
    append(out_, magnitude);
  });
}

void Writer::bit_string(BytesView bytes, unsigned unused_bits, std::uint8_t tag) {
  nest(tag, [&] {
    out_.push_back(static_cast<std::uint8_t>(unused_bits));
    append(out_, bytes);
  });
}

void Writer::time(TimePoint value) {
  const CivilTime c = to_civil(value);
  if (c.year < 1950 || c.year >= 2050) {
    generalized_time(value);
    return;
  }
  TimeText text;
  text.add(static_cast<unsigned>(c.year) % 100);
  text.add_rest(c);
  element(kUtcTime, text.view());
}

void Writer::generalized_time(TimePoint value, std::uint8_t tag) {
  const CivilTime c = to_civil(value);
  TimeText text;
  text.add(static_cast<unsigned>(c.year) / 100);
  text.add(static_cast<unsigned>(c.year) % 100);
  text.add_rest(c);
  element(tag, text.view());
}

}  // namespace chancery::asn1
