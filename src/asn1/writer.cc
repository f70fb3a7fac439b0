#include "asn1/writer.h"

#include <array>
#include <cstdio>
#include <string>

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
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%02u%02u%02u%02u%02u%02uZ",
                static_cast<unsigned>(c.year) % 100U, c.month % 100U, c.day % 100U, c.hour % 100U,
                c.minute % 100U, c.second % 100U);
  element(kUtcTime, std::string_view(text.data(), 13));
}

void Writer::generalized_time(TimePoint value, std::uint8_t tag) {
  const CivilTime c = to_civil(value);
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%04u%02u%02u%02u%02u%02uZ",
                static_cast<unsigned>(c.year) % 10000U, c.month % 100U, c.day % 100U, c.hour % 100U,
                c.minute % 100U, c.second % 100U);
  element(tag, std::string_view(text.data(), 15));
}

}  // namespace chancery::asn1
