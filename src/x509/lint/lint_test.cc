#include "x509/lint/lint.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "asn1/writer.h"
#include "x509/lint/test_leaf.h"
#include "x509/oids.h"

namespace chancery::x509::lint {
namespace {

using crypto::KeyAlgorithm;
using testing::ec_key;
using testing::Leaf;

const crypto::PrivateKey& ed_key() {
  static const auto kKey = crypto::PrivateKey::generate({KeyAlgorithm::kEd25519, 0}).value();
  return kKey;
}

struct Case {
  const char* rule;
  const char* message;
  std::function<void(Leaf&)> change;
};

using testing::set_name;

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases{
      {"serial_length", "serial number 01:02 is shorter than 64 bits",
       [](Leaf& l) { l.serial = {1, 2}; }},
      {"validity_within_issuer",
       "notBefore 2026-03-01T00:00:00Z is before the issuer's, 2026-03-01T00:00:01Z",
       [](Leaf& l) { l.context.issuer_not_before = testing::kNotBefore + seconds(1); }},
      {"validity_within_issuer",
       "notAfter 2026-06-01T00:00:00Z is after the issuer's, 2026-05-31T23:59:59Z",
       [](Leaf& l) { l.context.issuer_not_after = testing::kNotAfter - seconds(1); }},
      {"empty_subject", "subject is empty and there is no subjectAltName",
       [](Leaf& l) {
         l.subject = Name();
         l.names.clear();
         l.purposes.clear();
       }},
      {"san_dns_syntax", "DNS name 'a..b' has an empty label",
       [](Leaf& l) { set_name(l, "DNS:a..b"); }},
      {"san_dns_syntax", "DNS name 'a.b.' has an empty label",
       [](Leaf& l) { set_name(l, "DNS:a.b."); }},
      {"san_dns_syntax", "DNS name 'a.*.b' has a character that host names do not allow",
       [](Leaf& l) { set_name(l, "DNS:a.*.b"); }},
      {"san_dns_syntax", "DNS name '-a.b' has a label that begins or ends with a hyphen",
       [](Leaf& l) { set_name(l, "DNS:-a.b"); }},
      {"san_dns_syntax", "DNS name '*' is a wildcard for everything",
       [](Leaf& l) { set_name(l, "DNS:*"); }},
      {"san_dns_syntax", "DNS name 'a@b' has a character that host names do not allow",
       [](Leaf& l) { set_name(l, "DNS:a@b"); }},
      {"san_dns_underscore", "DNS name '_a.b' has an underscore",
       [](Leaf& l) { set_name(l, "DNS:_a.b"); }},
      {"san_dns_partial_wildcard", "DNS name 'a*.b' has a partial wildcard",
       [](Leaf& l) { set_name(l, "DNS:a*.b"); }},
      {"san_dns_ip_address", "DNS name '10.0.0.1' is an IP address",
       [](Leaf& l) { set_name(l, "DNS:10.0.0.1"); }},
      {"san_email_syntax", "e-mail name 'a@b@c' is not of the form user@host",
       [](Leaf& l) { set_name(l, "email:a@b@c"); }},
      {"san_email_syntax", "e-mail name '@c' is not of the form user@host",
       [](Leaf& l) { set_name(l, "email:@c"); }},
      {"san_uri_scheme", "URI name 'www.example.com/x:1' has no scheme",
       [](Leaf& l) { set_name(l, "URI:www.example.com/x:1"); }},
      {"san_server_present", "TLS server certificate has no subjectAltName",
       [](Leaf& l) { l.names.clear(); }},
      {"ca_key_cert_sign", "CA has no key usage",
       [](Leaf& l) {
         testing::make_ca(l);
         l.fields.key_usage.reset();
       }},
      {"ca_key_cert_sign", "CA's key usage lacks keyCertSign",
       [](Leaf& l) {
         testing::make_ca(l);
         l.fields.key_usage = KeyUsage{KeyUsageBit::kCrlSign};
       }},
      {"ca_key_cert_sign", "key usage keyCertSign without cA in the basic constraints",
       [](Leaf& l) { l.fields.key_usage->add(KeyUsageBit::kKeyCertSign); }},
      {"ca_path_length", "path length without cA",
       [](Leaf& l) { l.fields.basic_constraints = BasicConstraints{false, 1}; }},
      {"ca_basic_constraints_critical", "basic constraints of a CA are not critical",
       [](Leaf& l) {
         testing::make_ca(l);
         l.fields.basic_constraints_critical = Criticality::kNonCritical;
       }},
      {"ca_subject_key_id", "CA has no subject key identifier",
       [](Leaf& l) {
         testing::make_ca(l);
         l.fields.subject_key_id = {};
       }},
      {"authority_key_id", "authority key identifier is missing",
       [](Leaf& l) { l.key_id.clear(); }},
      {"eku_any", "anyExtendedKeyUsage among other purposes makes them meaningless",
       [](Leaf& l) { l.purposes.push_back(oids::kAnyExtendedKeyUsage); }},
      {"key_usage_key", "key usage keyEncipherment means nothing for EC keys",
       [](Leaf& l) { l.fields.key_usage->add(KeyUsageBit::kKeyEncipherment); }},
      {"key_usage_key", "key usage keyAgreement means nothing for keys that only sign",
       [](Leaf& l) {
         l.spki = to_bytes(ed_key().public_key().spki());
         l.fields.key_usage->add(KeyUsageBit::kKeyAgreement);
       }},
      {"name_constraints_ca", "name constraints in a certificate that is not a CA",
       [](Leaf& l) { l.fields.name_constraints = &l.constraints; }},
      {"signature_algorithm", "signature algorithm ecdsa-with-SHA256 does not fit the issuer's key",
       [](Leaf& l) { l.context.issuer_key = KeyAlgorithm::kRsa; }},
  };
  return kCases;
}

TEST_CASE("a sound leaf and a sound CA have no finding") {
  Leaf leaf;
  CHECK(lint_tbs(leaf.tbs(), leaf.context).empty());
  for (const char* const name :
       {"DNS:*.example.com", "DNS:localhost", "IP:10.0.0.1", "email:a@b", "URI:spiffe://a/b"}) {
    set_name(leaf, name);
    CHECK(lint_tbs(leaf.tbs(), leaf.context).empty());
  }
  Leaf ca;
  testing::make_ca(ca);
  ca.purposes.clear();
  CHECK(lint_tbs(ca.tbs(), ca.context).empty());
  CHECK(lint_certificate(x509::testing::make_ca(ec_key())).empty());
}

TEST_CASE("each fault yields exactly its finding") {
  for (const Case& c : cases()) {
    Leaf leaf;
    c.change(leaf);
    const auto findings = lint_tbs(leaf.tbs(), leaf.context);
    CAPTURE(c.rule);
    CAPTURE(c.message);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].rule == c.rule);
    CHECK(findings[0].message == c.message);
    const auto info = std::ranges::find(rules(), std::string_view(c.rule), &RuleInfo::id);
    REQUIRE(info != rules().end());
    CHECK(info->severity == findings[0].severity);
    CHECK(has_errors(findings) == (info->severity == Severity::kError));
  }
}

// Faults that encode_tbs does not let anybody make, put into finished bytes.
std::vector<Finding> lint_changed(Leaf& leaf, BytesView from, BytesView to) {
  Bytes tbs = leaf.tbs();
  const auto at = std::ranges::search(tbs, from);
  REQUIRE_FALSE(at.empty());
  std::ranges::copy(to, at.begin());
  return lint_tbs(tbs, leaf.context);
}

TEST_CASE("faults in finished bytes") {
  Leaf order;
  const auto findings = lint_changed(order, as_bytes("260601000000Z"), as_bytes("250601000000Z"));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == "validity_order");

  Leaf usage;
  usage.fields.key_usage = KeyUsage{KeyUsageBit::kDigitalSignature};
  const auto empty =
      lint_changed(usage, parse_hex("0403020780").value(), parse_hex("0403020700").value());
  REQUIRE(empty.size() == 1);
  CHECK(empty[0].rule == "key_usage_empty");

  const Bytes no_bits = parse_hex("03020780").value();
  const std::vector<Extension> more{{oids::kKeyUsage, false, no_bits}};
  Leaf soft;
  soft.fields.key_usage.reset();
  soft.fields.more = more;
  const auto not_critical = lint_tbs(soft.tbs(), soft.context);
  REQUIRE(not_critical.size() == 1);
  CHECK(not_critical[0].rule == "key_usage_critical");

  Leaf late;
  late.fields.not_after = from_unix(2'524'608'000);  // 2050
  late.context.issuer_not_after.reset();
  CHECK(lint_tbs(late.tbs(), late.context).empty());
  const auto early = lint_changed(late, as_bytes("20500101000000Z"), as_bytes("20490101000000Z"));
  REQUIRE(early.size() == 1);
  CHECK(early[0].rule == "validity_encoding");

  const auto broken = lint_tbs(Bytes{0x30, 0x00});
  REQUIRE(broken.size() == 1);
  CHECK(broken[0].rule == "parse");
}

TEST_CASE("rules have unique ids and say what they want") {
  std::set<std::string_view> ids;
  for (const RuleInfo& rule : rules()) {
    CHECK(ids.insert(rule.id).second);
    CHECK_FALSE(rule.wants.empty());
  }
  CHECK(ids.size() == 111);
}

}  // namespace
}  // namespace chancery::x509::lint
