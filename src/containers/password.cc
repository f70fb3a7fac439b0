#include "containers/password.h"

#include "base/text.h"

namespace chancery::containers {
namespace {

constexpr std::size_t kMaxPassword = 1024;

// The text is valid UTF-8.
std::uint32_t next_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t code = size == 1 ? lead : lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  text.remove_prefix(size);
  return code;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto tail = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    put(0xf0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::string utf8_of_utf16(BytesView units) {
  std::string out;
  const auto unit = [&](std::size_t at) {
    return static_cast<std::uint32_t>(units[at] << 8 | units[at + 1]);
  };
  for (std::size_t at = 0; at + 1 < units.size(); at += 2) {
    std::uint32_t code = unit(at);
    const bool pair = code >> 10 == 0x36 && at + 3 < units.size() && unit(at + 2) >> 10 == 0x37;
    if (pair) {
      code = 0x10000 + ((code & 0x3ff) << 10) + (unit(at + 2) & 0x3ff);
      at += 2;
    }
    append_utf8(out, !pair && code >> 11 == 0x1b ? 0xfffd : code);
  }
  return out;
}

Result<SecretBytes> utf16(std::string_view password, Zero terminated) {
  if (password.size() > kMaxPassword)
    return fail(Code::kInvalidArgument, "password has more than 1024 bytes");
  if (!is_valid_utf8(password)) return fail(Code::kInvalidArgument, "password is not UTF-8");
  SecretBytes out(2 * password.size() + 2);
  std::size_t at = 0;
  const auto put = [&](std::uint32_t unit) {
    out.mutable_view()[at++] = static_cast<std::uint8_t>(unit >> 8);
    out.mutable_view()[at++] = static_cast<std::uint8_t>(unit);
  };
  while (!password.empty()) {
    const std::uint32_t code = next_code_point(password);
    if (code < 0x10000) {
      put(code);
    } else {
      put(0xd800 + ((code - 0x10000) >> 10));
      put(0xdc00 + ((code - 0x10000) & 0x3ff));
    }
  }
  if (terminated == Zero::kTerminated) put(0);
  out.shrink(at);
  return out;
}

}  // namespace chancery::containers
