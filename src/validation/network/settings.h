#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "x509/cidr.h"

namespace chancery::validation::network {

// ZoneSettings are the resolver and the network rules for the names below one domain.
struct ZoneSettings {
  // "address:port" of resolvers that are asked instead of the name servers of the public tree.
  std::vector<std::string> resolvers;
  // Answers are validated from the root's trust anchor, or from `trust_anchors` where there are
  // some; a forged answer is a failure. Off: for a private zone that is not signed.
  bool dnssec = true;
  std::vector<std::string> trust_anchors;  // DS or DNSKEY records: "corp.test. IN DS 1 13 2 …"
  std::chrono::seconds dns_cache{0};       // the longest that a positive answer is remembered
  std::vector<x509::Cidr> allow;           // connected to although built-in rules or `deny` say no
  std::vector<x509::Cidr> deny;
  std::uint16_t http_port = 80;  // of http-01
  std::uint16_t tls_port = 443;  // of tls-alpn-01, and of redirects to https without a port
};

struct Settings {
  ZoneSettings standard;                          // of names in none of the zones, and of addresses
  std::map<std::string, ZoneSettings> zones;      // by domain: lower case, no final dot
  std::chrono::milliseconds step_timeout{5'000};  // a look-up, a connect, a handshake, an answer
  std::chrono::milliseconds timeout{20'000};      // the whole attempt
  std::string user_agent = "chancery-validation";
};

}  // namespace chancery::validation::network
