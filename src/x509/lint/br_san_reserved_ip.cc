#include <algorithm>
#include <array>

#include "x509/lint/rules.h"

namespace chancery::x509::lint {
namespace {

struct Network {
  std::array<std::uint8_t, 16> first;
  std::size_t octets;  // of an address
  unsigned prefix;     // bits
};

// The registries of special-purpose addresses (RFC 6890) and multicast.
constexpr Network kReserved[] = {
    {{0}, 4, 8},
    {{10}, 4, 8},
    {{100, 64}, 4, 10},
    {{127}, 4, 8},
    {{169, 254}, 4, 16},
    {{172, 16}, 4, 12},
    {{192, 0, 0}, 4, 24},
    {{192, 0, 2}, 4, 24},
    {{192, 168}, 4, 16},
    {{198, 18}, 4, 15},
    {{198, 51, 100}, 4, 24},
    {{203, 0, 113}, 4, 24},
    {{224}, 4, 4},
    {{240}, 4, 4},
    {{0}, 16, 127},  // :: and ::1
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 16, 96},
    {{0x00, 0x64, 0xff, 0x9b, 0, 1}, 16, 48},
    {{0x01}, 16, 64},
    {{0x20, 0x01, 0x00, 0x02}, 16, 48},
    {{0x20, 0x01, 0x0d, 0xb8}, 16, 32},
    {{0xfc}, 16, 7},
    {{0xfe, 0x80}, 16, 10},
    {{0xff}, 16, 8},
};

bool within(BytesView address, const Network& network) {
  if (address.size() != network.octets) return false;
  for (unsigned bit = 0; bit < network.prefix; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if (((address[bit / 8] ^ network.first[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

bool is_reserved(BytesView address) {
  return std::ranges::any_of(kReserved,
                             [&](const Network& network) { return within(address, network); });
}

void check(const TbsCertificate& tbs, const LintContext&, Report& report) {
  if (!is_tls_server(tbs)) return;
  for_each_name(tbs, GeneralName::Kind::kIp, [&](const GeneralName& name) {
    if (is_reserved(name.octets()))
      report.add("address " + ip_to_string(name.octets()) + " is reserved");
  });
}

}  // namespace

const Rule kBrSanReservedIpRule{"br_san_reserved_ip", Severity::kOff,
                                "no address is reserved or private (BR section 4.2.2)", check};

}  // namespace chancery::x509::lint
