#include "x509/cidr.h"

#include <algorithm>
#include <charconv>

#include "x509/general_name.h"

namespace chancery::x509 {
namespace {

constexpr unsigned kMappedPrefix = 96;

bool same_prefix(BytesView a, BytesView b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::ranges::equal(a.first(whole), b.first(whole))) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

void clear_behind(std::span<std::uint8_t> octets, unsigned bits) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const std::size_t first_bit = i * 8;
    const std::size_t keep = first_bit >= bits ? 0 : std::min<std::size_t>(8, bits - first_bit);
    octets[i] = static_cast<std::uint8_t>(octets[i] & (0xff00U >> keep));
  }
}

}  // namespace

BytesView unmapped(BytesView octets) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool is_mapped = octets.size() == 16 && std::ranges::equal(octets.first(12), kMapped);
  return is_mapped ? octets.subspan(12) : octets;
}

Result<Bytes> parse_address(std::string_view text) {
  const Bytes octets = TRY(x509::parse_ip(text));
  return to_bytes(unmapped(octets));
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return fail(Code::kMalformed, "no prefix length");
  const std::string_view digits = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
    return fail(Code::kMalformed, "bad prefix length");
  }
  const Bytes address = TRY(x509::parse_ip(text.substr(0, slash)));
  if (prefix > address.size() * 8) return fail(Code::kMalformed, "prefix longer than the address");
  BytesView octets = address;
  if (octets.size() == 16 && prefix >= kMappedPrefix && unmapped(octets).size() == 4) {
    octets = unmapped(octets);
    prefix -= kMappedPrefix;
  }
  Cidr cidr;
  cidr.size_ = octets.size();
  cidr.prefix_ = prefix;
  std::ranges::copy(octets, cidr.octets_.begin());
  clear_behind(std::span(cidr.octets_).first(cidr.size_), prefix);
  return cidr;
}

bool Cidr::contains(BytesView octets) const {
  const BytesView address = unmapped(octets);
  return address.size() == size_ && same_prefix(address, network(), prefix_);
}

std::string Cidr::to_string() const {
  return x509::ip_to_string(network()) + "/" + std::to_string(prefix_);
}

}  // namespace chancery::x509
