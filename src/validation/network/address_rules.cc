#include "validation/network/address_rules.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace chancery::validation::network {
namespace {

struct BuiltIn {
  std::string_view network;
  std::string_view what;
};

constexpr std::array kBuiltIn{
    BuiltIn{"127.0.0.0/8", "a loopback address"},
    BuiltIn{"::1/128", "a loopback address"},
    BuiltIn{"169.254.0.0/16", "a link-local address, where clouds keep their metadata"},
    BuiltIn{"fe80::/10", "a link-local address"},
    BuiltIn{"0.0.0.0/8", "an address of \"this network\""},
    BuiltIn{"::/128", "the unspecified address"},
    BuiltIn{"224.0.0.0/4", "a multicast address"},
    BuiltIn{"ff00::/8", "a multicast address"},
    BuiltIn{"240.0.0.0/4", "a reserved address"},
    BuiltIn{"192.0.0.0/24", "an address of protocol assignments, where clouds keep metadata"},
    BuiltIn{"100.100.100.200/32", "a cloud's metadata service"},
    BuiltIn{"168.63.129.16/32", "a cloud's platform service"},
    BuiltIn{"fd00:ec2::/32", "a cloud's metadata service"},
    BuiltIn{"64:ff9b:1::/48", "an address of a translator's own network"},
    BuiltIn{"fec0::/10", "a site-local address"},
};

struct Rule {
  x509::Cidr network;
  std::string_view what;
};

const std::vector<Rule>& built_in() {
  static const std::vector<Rule> kRules = [] {
    std::vector<Rule> rules;
    for (const BuiltIn& rule : kBuiltIn)
      rules.push_back({x509::Cidr::parse(rule.network).value(), rule.what});
    return rules;
  }();
  return kRules;
}

struct Carrier {
  std::string_view network;
  std::size_t offset;  // of the IPv4 address within the 16 octets
};
// RFC 4291 section 2.5.5.1, RFC 6052, RFC 8215, RFC 3056.
constexpr std::array kCarriers{Carrier{"::/96", 12}, Carrier{"64:ff9b::/96", 12},
                               Carrier{"2002::/16", 2}};

std::vector<Bytes> carried(BytesView octets) {
  std::vector<Bytes> out;
  if (octets.size() != 16) return out;
  for (const Carrier& carrier : kCarriers) {
    if (x509::Cidr::parse(carrier.network).value().contains(octets))
      out.push_back(to_bytes(octets.subspan(carrier.offset, 4)));
  }
  return out;
}

bool any_contains(const std::vector<x509::Cidr>& networks, BytesView octets) {
  return std::ranges::any_of(networks,
                             [&](const x509::Cidr& network) { return network.contains(octets); });
}

std::optional<std::string> built_in_refusal(BytesView octets) {
  for (const Rule& rule : built_in()) {
    if (rule.network.contains(octets)) return "it is " + std::string(rule.what);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> AddressRules::refusal(BytesView octets) const {
  if (any_contains(allow_, octets)) return std::nullopt;
  if (any_contains(deny_, octets)) return "the configuration denies its network";
  if (auto why = built_in_refusal(octets)) return why;
  for (const Bytes& inner : carried(octets)) {
    if (any_contains(deny_, inner) || built_in_refusal(inner))
      return "it carries an IPv4 address that is not connected to";
  }
  return std::nullopt;
}

std::vector<std::string> never_public() {
  std::vector<std::string> out;
  for (const BuiltIn& rule : kBuiltIn) out.emplace_back(rule.network);
  return out;
}

}  // namespace chancery::validation::network
