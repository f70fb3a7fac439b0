#include "policy/names.h"

#include "policy/test_request.h"
#include "policy/uri.h"
#include "x509/cidr.h"

namespace chancery::policy {
namespace {

using namespace test;

enum class Field : std::uint8_t { kAltNames, kIpSans, kUriSans, kOtherSans };

struct Row {
  const char* role;  // besides allow_any_name
  Field field;
  std::vector<std::string> values;
  std::string outcome;
  const char* rule = "";
};

const std::string kUpn = "1.3.6.1.4.1.311.20.2.3";

const Row kRows[] = {
    // alt_names: host names in order, e-mail addresses sorted behind them
    {"", Field::kAltNames, {"b.com", "a.com", "b.com"}, "ok DNS:cn.com DNS:b.com DNS:a.com"},
    {"",
     Field::kAltNames,
     {"z@b.com", "x.com", "a@b.com"},
     "ok DNS:cn.com DNS:x.com email:a@b.com email:z@b.com"},
    {"", Field::kAltNames, {" b.com ", ""}, "ok DNS:cn.com DNS:b.com"},
    {"", Field::kAltNames, {"*.b.com"}, "ok DNS:cn.com DNS:*.b.com"},
    {"", Field::kAltNames, {"a_b.com", "x*.c.com"}, "ok DNS:cn.com"},  // no host names: left out
    {"", Field::kAltNames, {"a..b"}, "idna: invalid label \"a..b\"", "enforce_hostnames"},
    {"",
     Field::kAltNames,
     {"b\xc3\xbc"
      "cher.de"},
     "idna: invalid label \"b\xc3\xbc"
     "cher\"",
     "enforce_hostnames"},
    {"", Field::kAltNames, {"x y@b.com"}, "email address \"x y@b.com\": ", "enforce_hostnames"},
    {"",
     Field::kAltNames,
     {"x@y@b.com"},
     "email address x@y@b.com not allowed by this role",
     "enforce_hostnames"},
    {"",
     Field::kAltNames,
     {"a\nb"},
     "alt_names has a value with control characters: \"a\\nb\"",
     "alt_names"},
    {"",
     Field::kAltNames,
     {"a\xff"},
     "alt_names has a value that is not UTF-8: \"a\\xff\"",
     "alt_names"},
    {"",
     Field::kAltNames,
     {std::string(3000, 'a')},
     "alt_names has a value longer than 2048 bytes",
     "alt_names"},
    {"!allow_any_name allowed_domains=cn.com allow_bare_domains",
     Field::kAltNames,
     {"other.com", "x@other.com"},
     "subject alternate name other.com not allowed by this role",
     "allowed_domains"},
    {"!allow_any_name allowed_domains=cn.com allow_bare_domains",
     Field::kAltNames,
     {"x@other.com"},
     "email address x@other.com not allowed by this role",
     "allowed_domains"},

    // ip_sans
    {"",
     Field::kIpSans,
     {"10.0.0.1", "::1", "::ffff:1.2.3.4", "10.0.0.1"},
     "ok DNS:cn.com IP:10.0.0.1 IP:::1 IP:1.2.3.4"},
    {"",
     Field::kIpSans,
     {"10.0.0.1.2"},
     "the value \"10.0.0.1.2\" is not a valid IP address",
     "ip_sans"},
    {"",
     Field::kIpSans,
     {"01.2.3.4"},
     "the value \"01.2.3.4\" is not a valid IP address",
     "ip_sans"},
    {"",
     Field::kIpSans,
     {"fe80::1%eth0"},
     "the value \"fe80::1%eth0\" is not a valid IP address",
     "ip_sans"},
    {"!allow_ip_sans",
     Field::kIpSans,
     {"10.0.0.1"},
     "IP Subject Alternative Names are not allowed in this role, but was provided via the API",
     "allow_ip_sans"},
    {"!allow_ip_sans",
     Field::kIpSans,
     {"bad"},
     "the value \"bad\" is not a valid IP address",
     "ip_sans"},
    {"allowed_ip_sans_cidr=10.0.0.0/8,fd00::/8",
     Field::kIpSans,
     {"10.1.1.1", "fd00::1"},
     "ok DNS:cn.com IP:10.1.1.1 IP:fd00::1"},
    {"allowed_ip_sans_cidr=10.0.0.0/8",
     Field::kIpSans,
     {"11.1.1.1"},
     "the IP address \"11.1.1.1\" is not allowed in this role",
     "allowed_ip_sans_cidr"},
    {"allowed_ip_sans_cidr=10.0.0.0/8",
     Field::kIpSans,
     {"FD00:0:0:0::1"},
     "the IP address \"fd00::1\" is not allowed in this role",
     "allowed_ip_sans_cidr"},
    {"allowed_ip_sans_cidr=10.0.0.0/8",
     Field::kIpSans,
     {"::ffff:10.1.1.1"},
     "ok DNS:cn.com IP:10.1.1.1"},
    {"allowed_ip_sans_cidr=0.0.0.0/0",
     Field::kIpSans,
     {"::1"},
     "the IP address \"::1\" is not allowed in this role",
     "allowed_ip_sans_cidr"},
    {"allowed_ip_sans_cidr=::/0",
     Field::kIpSans,
     {"1.2.3.4"},
     "the IP address \"1.2.3.4\" is not allowed in this role",
     "allowed_ip_sans_cidr"},

    // uri_sans
    {"",
     Field::kUriSans,
     {"spiffe://a/b"},
     "URI Subject Alternative Names are not allowed in this role, but were provided via the API",
     "allowed_uri_sans"},
    {"allowed_uri_sans=spiffe://a/*",
     Field::kUriSans,
     {"spiffe://a/b", "spiffe://a/c", "spiffe://a/b"},
     "ok DNS:cn.com URI:spiffe://a/b URI:spiffe://a/c"},
    {"allowed_uri_sans=spiffe://a/*",
     Field::kUriSans,
     {"spiffe://b/b"},
     "URI Subject Alternative Names were provided via the API which are not valid for this role",
     "allowed_uri_sans"},
    {"allowed_uri_sans=*",
     Field::kUriSans,
     {"::bad"},
     "the provided URI Subject Alternative Name \"::bad\" is not a valid URI",
     "allowed_uri_sans"},
    {"allowed_uri_sans=*",
     Field::kUriSans,
     {"http://a b/"},
     "the provided URI Subject Alternative Name \"http://a b/\" is not a valid URI",
     "allowed_uri_sans"},

    // other_sans
    {"",
     Field::kOtherSans,
     {kUpn + ";UTF8:x@y"},
     "other SAN OID " + kUpn + " not allowed by this role",
     "allowed_other_sans"},
    {"allowed_other_sans=*", Field::kOtherSans, {kUpn + ";UTF8:x@y"}, "ok UPN:x@y DNS:cn.com"},
    {"allowed_other_sans=1.2.3;UTF8:*@y",
     Field::kOtherSans,
     {"1.2.3;utf-8:x@y"},
     "ok otherName:1.2.3;UTF8:x@y DNS:cn.com"},
    {"allowed_other_sans=1.2.3;UTF8:*@y",
     Field::kOtherSans,
     {"1.2.3;utf8:x@z"},
     "other SAN x@z not allowed for OID 1.2.3 by this role",
     "allowed_other_sans"},
    {"allowed_other_sans=1.2.3;UTF8:*@y",
     Field::kOtherSans,
     {"1.2.4;utf8:x@y"},
     "other SAN OID 1.2.4 not allowed by this role",
     "allowed_other_sans"},
    {"allowed_other_sans=*",
     Field::kOtherSans,
     {"1.2.3"},
     "could not parse requested other SAN: expected a semicolon in other SAN \"1.2.3\"",
     "allowed_other_sans"},
    {"allowed_other_sans=*",
     Field::kOtherSans,
     {"1.2.3;utf8"},
     "could not parse requested other SAN: expected a colon in other SAN \"1.2.3;utf8\"",
     "allowed_other_sans"},
    {"allowed_other_sans=*",
     Field::kOtherSans,
     {"1.2.3;ia5:x"},
     "could not parse requested other SAN: only utf8 other SANs are supported; found non-supported "
     "type in other "
     "SAN \"1.2.3;ia5:x\"",
     "allowed_other_sans"},
    {"allowed_other_sans=*",
     Field::kOtherSans,
     {"x.y;utf8:x"},
     "could not parse requested other SAN: invalid object identifier \"x.y\"",
     "allowed_other_sans"},
};

IssueRequest make_request(const Row& row) {
  IssueRequest request = request_for("cn.com");
  switch (row.field) {
    case Field::kAltNames:
      request.alt_names = row.values;
      break;
    case Field::kIpSans:
      request.ip_sans = row.values;
      break;
    case Field::kUriSans:
      request.uri_sans = row.values;
      break;
    case Field::kOtherSans:
      request.other_sans = row.values;
      break;
  }
  return request;
}

TEST_CASE("subject alternative names of the API") {
  for (const Row& row : kRows) {
    CAPTURE(row.role);
    CAPTURE(row.values.front());
    const Role role = role_of(std::string("allow_any_name ") + row.role);
    const auto decision = decide(role, make_request(row));
    const std::string text =
        decision ? "ok " + names_of(decision->authorization.content()) : decision.error().detail;
    CHECK(text.starts_with(row.outcome));
    if (!row.outcome.ends_with(": ")) CHECK(text.size() == row.outcome.size());
    if (!decision) {
      CHECK(where(decision.error(), "rule") == row.rule);
      CHECK_FALSE(where(decision.error(), "field").empty());
    }
  }
}

TEST_CASE("what is left out is said") {
  IssueRequest request = request_for("cn.com");
  request.alt_names = {"a_b.com"};
  const auto decision = decide(role_of("allow_any_name"), request);
  REQUIRE(decision.has_value());
  REQUIRE(decision->warnings.size() == 1);
  CHECK(decision->warnings[0] ==
        "the alternative name \"a_b.com\" is not a host name and was left out");
}

TEST_CASE("at most 2000 names") {
  const Role role = role_of("allow_any_name");
  IssueRequest request = request_for("cn.com");
  for (int i = 0; i < 1999; ++i) request.alt_names.push_back("host-" + std::to_string(i) + ".com");
  CHECK(decide(role, request)->authorization.content().names.size() == 2000);
  request.ip_sans = {"1.2.3.4"};
  CHECK(outcome(role, request) ==
        "too many names: 2001 requested, at most 2000 fit into one certificate");
}

TEST_CASE("repeated names count once, however many there are") {
  IssueRequest request = request_for("cn.com");
  for (int i = 0; i < 500; ++i) request.ip_sans.push_back("10.0.0." + std::to_string(i % 200));
  CHECK(decide(role_of("allow_any_name"), request)->authorization.content().names.size() == 201);
}

TEST_CASE("networks") {
  struct NetworkRow {
    const char* text;
    const char* normal;  // "": refused
  };
  const NetworkRow rows[] = {
      {"10.0.0.5/8", "10.0.0.0/8"},
      {"10.0.0.0/08", "10.0.0.0/8"},
      {"fd00::1/8", "fd00::/8"},
      {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
      {"10.1.2.3/32", "10.1.2.3/32"},
      {"10.1.2.3/31", "10.1.2.2/31"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"10.0.0.1", ""},
      {"10.0.0.0/33", ""},
      {"x", ""},
      {"", ""},
      {"10.0.0.0/", ""},
      {"10.0.0.0/-1", ""},
      {"10.0.0.0/8x", ""},
      {"::/129", ""},
  };
  for (const NetworkRow& row : rows) {
    CAPTURE(row.text);
    const auto network = x509::Cidr::parse(row.text);
    CHECK((network ? network->to_string() : "") == row.normal);
  }
  CHECK(x509::Cidr::parse("10.1.2.0/23")->contains(x509::parse_address("10.1.3.255").value()));
  CHECK_FALSE(x509::Cidr::parse("10.1.2.0/23")->contains(x509::parse_address("10.1.4.0").value()));
}

TEST_CASE("absolute URIs") {
  for (const char* good :
       {"spiffe://a/b", "urn:uuid:1234", "http://a/%7e?x=y#z", "http://[::1]:80/",
        "https://u:p@h:1/", "mailto:a@b", "http://a", "http://a?b", "ldap:///c=GB", "x:"}) {
    CAPTURE(good);
    CHECK(is_absolute_uri(good));
  }
  for (const char* bad :
       {"", "foo", "::bad", "1http://a", "http://[bad", "http://a/%zz", "http://a/%2",
        "http://a b/", "http://a:xx/", "http://a/\"", "http://\xc3\xbc/", "http://a/<b>",
        "http://a#b#c", "//a/b", "http://[::1]x/", "http://a:1:2/"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_absolute_uri(bad));
  }
}

}  // namespace
}  // namespace chancery::policy
