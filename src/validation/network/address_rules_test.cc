#include "validation/network/address_rules.h"

#include <doctest/doctest.h>

#include "x509/general_name.h"

namespace chancery::validation::network {
namespace {

x509::Cidr cidr(std::string_view text) { return x509::Cidr::parse(text).value(); }
bool refused(const AddressRules& rules, std::string_view address) {
  return rules.refusal(x509::parse_ip(address).value()).has_value();
}

TEST_CASE("addresses that no public name can stand for are refused") {
  const AddressRules rules({}, {});
  for (const char* address : {"127.0.0.1",
                              "127.255.0.1",
                              "0.0.0.0",
                              "0.1.2.3",
                              "169.254.169.254",
                              "224.0.0.1",
                              "255.255.255.255",
                              "240.0.0.1",
                              "100.100.100.200",
                              "192.0.0.192",
                              "168.63.129.16",
                              "::",
                              "::1",
                              "fe80::1",
                              "ff02::1",
                              "fec0::1",
                              "fd00:ec2::254",
                              "::ffff:127.0.0.1",
                              "::127.0.0.1",
                              "64:ff9b::7f00:1",
                              "64:ff9b:1::a9fe:a9fe",
                              "2002:7f00:1::",
                              "2002:a9fe:a9fe::1"}) {
    CAPTURE(address);
    CHECK(refused(rules, address));
  }
  for (const char* address : {"10.0.0.1", "192.168.1.1", "172.16.0.1", "203.0.113.7", "100.64.0.1",
                              "2001:db8::1", "fd12::1", "2002:cb00:7107::1"}) {
    CAPTURE(address);
    CHECK_FALSE(refused(rules, address));
  }
}

TEST_CASE("what is allowed wins over what is denied, and both over the built-in rules") {
  const AddressRules rules({cidr("127.0.0.0/30"), cidr("10.1.0.0/16")},
                           {cidr("10.0.0.0/8"), cidr("fd00::/8")});
  CHECK_FALSE(refused(rules, "127.0.0.1"));
  CHECK_FALSE(refused(rules, "::ffff:127.0.0.1"));
  CHECK(refused(rules, "127.0.0.4"));
  CHECK(refused(rules, "10.2.0.1"));
  CHECK_FALSE(refused(rules, "10.1.2.3"));
  CHECK(refused(rules, "fd12::1"));
  CHECK(refused(rules, "64:ff9b::a02:1"));
  CHECK(rules.refusal(Bytes{10, 2, 0, 1}) == "the configuration denies its network");
}

}  // namespace
}  // namespace chancery::validation::network
