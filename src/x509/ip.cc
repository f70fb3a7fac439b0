#include <array>
#include <charconv>
#include <optional>

#include "x509/general_name.h"

// IP addresses as text: no library call, so that nothing resolves and every form is ours to refuse.
namespace chancery::x509 {
namespace {

std::unexpected<Error> malformed() { return fail(Code::kMalformed, "not an IP address"); }

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
  std::array<std::uint8_t, 4> out{};
  for (std::size_t i = 0; i < 4; ++i) {
    std::size_t digits = 0;
    unsigned value = 0;
    while (digits < text.size() && digits < 4 && text[digits] >= '0' && text[digits] <= '9') {
      value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    }
    if (digits == 0 || value > 255 || (digits > 1 && text[0] == '0')) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(digits);
    if (i == 3) return text.empty() ? std::optional(out) : std::nullopt;
    if (text.empty() || text[0] != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return out;
}

// Reads ':'-separated groups (the last may be dotted decimal) of one side of a "::".
std::optional<Bytes> parse_groups(std::string_view text, bool may_end_in_v4) {
  Bytes out;
  if (text.empty()) return out;
  while (true) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && may_end_in_v4 &&
        group.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(group);
      if (!v4) return std::nullopt;
      append(out, *v4);
      return out;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (group.empty() || group.size() > 4 || error != std::errc() ||
        end != group.data() + group.size()) {
      return std::nullopt;
    }
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
    if (out.size() > 16) return std::nullopt;
    if (colon == std::string_view::npos) return out;
    text.remove_prefix(colon + 1);
  }
}

std::optional<Bytes> parse_v6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    auto all = parse_groups(text, true);
    return all && all->size() == 16 ? all : std::nullopt;
  }
  auto head = parse_groups(text.substr(0, gap), false);
  const auto tail = parse_groups(text.substr(gap + 2), true);
  if (!head || !tail || head->size() + tail->size() > 14) return std::nullopt;
  head->resize(16 - tail->size());
  append(*head, *tail);
  return head;
}

std::string v4_to_string(BytesView octets) {
  std::string out;
  for (const std::uint8_t octet : octets) out += (out.empty() ? "" : ".") + std::to_string(octet);
  return out;
}

// The longest run of at least two zero groups, the first of equals (RFC 5952 section 4.2).
struct Run {
  std::size_t begin = 8;
  std::size_t size = 0;
};
Run longest_zero_run(const std::array<unsigned, 8>& groups) {
  Run best;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t size = 0;
    while (i + size < 8 && groups[i + size] == 0) ++size;
    if (size >= 2 && size > best.size) best = {i, size};
  }
  return best;
}

std::string v6_to_string(BytesView octets) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i)
    groups[i] = static_cast<unsigned>(octets[2 * i] << 8 | octets[2 * i + 1]);
  const Run run = longest_zero_run(groups);
  if (run.begin == 0 && run.size == 5 && groups[5] == 0xffff) {
    return "::ffff:" + v4_to_string(octets.subspan(12));
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == run.begin) {
      out += "::";
      i += run.size - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16).ptr;
    out.append(digits.data(), end);
  }
  return out;
}

std::string address_to_string(BytesView octets) {
  return octets.size() == 4 ? v4_to_string(octets) : v6_to_string(octets);
}

// The prefix length of a mask without holes.
std::optional<std::size_t> prefix_length(BytesView mask) {
  std::size_t bits = 0;
  bool ended = false;
  for (const std::uint8_t octet : mask) {
    for (unsigned bit = 0x80; bit != 0; bit >>= 1) {
      if ((octet & bit) == 0) {
        ended = true;
      } else if (ended) {
        return std::nullopt;
      } else {
        ++bits;
      }
    }
  }
  return bits;
}

}  // namespace

Result<Bytes> parse_ip(std::string_view text) {
  if (text.size() > 45) return malformed();
  if (text.find(':') != std::string_view::npos) {
    auto v6 = parse_v6(text);
    if (!v6) return malformed();
    return *std::move(v6);
  }
  const auto v4 = parse_v4(text);
  if (!v4) return malformed();
  return to_bytes(BytesView(*v4));
}

std::string ip_to_string(BytesView octets) {
  if (octets.size() == 4 || octets.size() == 16) return address_to_string(octets);
  if (octets.size() != 8 && octets.size() != 32) return hex(octets);
  const BytesView address = octets.first(octets.size() / 2);
  const BytesView mask = octets.last(octets.size() / 2);
  const auto prefix = prefix_length(mask);
  return address_to_string(address) + "/" +
         (prefix ? std::to_string(*prefix) : address_to_string(mask));
}

}  // namespace chancery::x509
