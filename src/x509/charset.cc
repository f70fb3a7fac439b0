#include "x509/charset.h"

#include <algorithm>

#include "asn1/tag.h"
#include "base/text.h"

namespace chancery::x509 {
namespace {

bool is_printable_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) code = 0xfffd;
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// Fixed-width big-endian characters of 1 (Latin-1), 2 (UCS-2) or 4 octets.
std::string wide_to_utf8(BytesView content, std::size_t width) {
  std::string out;
  for (std::size_t at = 0; at + width <= content.size(); at += width) {
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < width; ++i) code = code << 8 | content[at + i];
    append_utf8(out, code);
  }
  return out;
}

}  // namespace

bool is_printable_string(std::string_view text) {
  return std::ranges::all_of(text, is_printable_character);
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool fits_string_type(std::uint8_t tag, BytesView content) {
  const std::string_view text = as_text(content);
  switch (tag) {
    case asn1::kUtf8String:
      return is_valid_utf8(text);
    case asn1::kPrintableString:
      return std::ranges::all_of(
          text, [](char c) { return is_printable_character(c) || c == '*' || c == '&'; });
    case asn1::kIa5String:
      return is_ascii(text);
    case asn1::kNumericString:
      return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == ' '; });
    case asn1::kVisibleString:
      return is_ascii(text) && !has_control_characters(text);
    case asn1::kBmpString:
      return content.size() % 2 == 0;
    case asn1::kUniversalString:
      return content.size() % 4 == 0;
    default:
      return true;
  }
}

std::optional<std::string> string_to_utf8(std::uint8_t tag, BytesView content) {
  switch (tag) {
    case asn1::kUtf8String:
    case asn1::kPrintableString:
    case asn1::kIa5String:
    case asn1::kNumericString:
    case asn1::kVisibleString:
      return std::string(as_text(content));
    case asn1::kTeletexString:
      return wide_to_utf8(content, 1);
    case asn1::kBmpString:
      return wide_to_utf8(content, 2);
    case asn1::kUniversalString:
      return wide_to_utf8(content, 4);
    default:
      return std::nullopt;
  }
}

}  // namespace chancery::x509
