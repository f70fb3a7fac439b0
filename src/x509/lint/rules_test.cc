// Every rule finds its fault, and nothing in the same certificate without it.

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "x509/lint/test_leaf.h"

namespace chancery::x509::lint {
namespace {

using testing::Leaf;
using testing::make_ca;
using testing::set_name;

struct Case {
  std::string_view rule;
  std::string_view message;  // part of it
  std::function<void(Leaf&)> spoil;
  std::function<void(Leaf&)> prepare = [](Leaf&) {};  // for both
};

void ca(Leaf& l) {
  make_ca(l);
  l.purposes.clear();
  l.subject = Name::parse("CN=CA,O=Example,C=DE").value();
}
void root(Leaf& l) {
  ca(l);
  l.issuer = l.subject;
}

// A name of one attribute with a value that NameBuilder would not write.
Name raw_name(const asn1::Oid& type, std::uint8_t tag, std::string_view value) {
  asn1::Writer w;
  w.sequence([&] {
    w.element(asn1::kSet, [&] {
      asn1::Writer attribute;
      attribute.sequence([&] {
        attribute.oid(type.der());
        attribute.element(tag, as_bytes(value));
      });
      return std::move(attribute).take();
    }());
  });
  return Name::from_der(w.view()).value();
}

Bytes rsa_spki(BytesView modulus, BytesView exponent, std::string_view parameters_hex = "0500") {
  asn1::Writer numbers;
  numbers.sequence([&] {
    numbers.unsigned_integer(modulus);
    numbers.unsigned_integer(exponent);
  });
  asn1::Writer w;
  w.sequence([&] {
    w.sequence([&] {
      w.oid(asn1::Oid("1.2.840.113549.1.1.1").der());
      w.raw(parse_hex(parameters_hex).value());
    });
    w.bit_string(numbers.view());
  });
  return std::move(w).take();
}

Bytes modulus_of(std::size_t octets, std::uint8_t first = 0xc0, std::uint8_t last = 1) {
  Bytes out(octets, 0xab);
  out.front() = first;
  out.back() = last;
  return out;
}
const Bytes kF4{1, 0, 1};

PolicyInformation policy(std::string_view id, std::string uri = {}, std::string notice = {}) {
  PolicyInformation out{asn1::Oid::parse(id).value(), {}, {}};
  if (!uri.empty()) out.cps_uris = {std::move(uri)};
  if (!notice.empty()) out.user_notices = {std::move(notice)};
  return out;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases{
      {"aia_not_critical", "critical",
       [](Leaf& l) {
         l.extension(oids::kAuthorityInfoAccess, true, "3010300e06082b0601050507300186026161");
       }},
      {"authority_key_id_not_critical", "critical",
       [](Leaf& l) {
         l.key_id.clear();
         l.extension(oids::kAuthorityKeyIdentifier, true, "3003800101");
       }},
      {"subject_key_id_not_critical", "critical",
       [](Leaf& l) { l.extension(oids::kSubjectKeyIdentifier, true, "040101"); }},
      {"crl_points_not_critical", "critical",
       [](Leaf& l) {
         l.extension(oids::kCrlDistributionPoints, true, "300a3008a006a00486026161");
       }},
      {"freshest_crl_not_critical", "critical",
       [](Leaf& l) { l.extension(oids::kFreshestCrl, true, "300a3008a006a00486026161"); }},
      {"issuer_alt_name_not_critical", "critical",
       [](Leaf& l) { l.extension(oids::kIssuerAltName, true, "3003820161"); }},
      {"subject_info_access_not_critical", "critical",
       [](Leaf& l) {
         l.extension(oids::kSubjectInfoAccess, true, "3010300e06082b0601050507300186026161");
       }},
      {"subject_directory_not_critical", "critical",
       [](Leaf& l) {
         l.extension(oids::kSubjectDirectoryAttributes, true, "300a3008060255043102130141");
       }},
      {"policy_constraints_critical", "not critical",
       [](Leaf& l) { l.extension(oids::kPolicyConstraints, false, "3003800100"); }, ca},
      {"policy_mappings_critical", "not critical",
       [](Leaf& l) { l.extension(oids::kPolicyMappings, false, "300a300806022a0306022a04"); }, ca},
      {"inhibit_any_policy_critical", "not critical",
       [](Leaf& l) { l.extension(oids::kInhibitAnyPolicy, false, "020100"); }, ca},
      {"eku_any_not_critical", "anyExtendedKeyUsage",
       [](Leaf& l) { l.fields.extended_key_usage_critical = Criticality::kCritical; },
       [](Leaf& l) { l.purposes = {oids::kAnyExtendedKeyUsage}; }},
      {"crl_point_incomplete", "neither name nor CRL issuer",
       [](Leaf& l) { l.extension(oids::kCrlDistributionPoints, false, "3006300481020780"); }},
      {"crl_point_uri", "no HTTP or LDAP URI",
       [](Leaf& l) { l.crl_urls = {"ftp://example.com/"}; }},
      {"aia_issuer_uri", "no caIssuers location",
       [](Leaf& l) { l.issuer_urls = {"ftp://example.com/"}; }},
      {"policy_duplicate", "1.2.3 stands twice",
       [](Leaf& l) { l.policies = {policy("1.2.3"), policy("1.2.4"), policy("1.2.3")}; }},
      {"policy_notice_length", "200",
       [](Leaf& l) { l.policies = {policy("1.2.3", {}, std::string(201, 'n'))}; },
       [](Leaf& l) { l.policies = {policy("1.2.3", {}, std::string(200, 'n'))}; }},
      {"policy_notice_control", "control characters",
       [](Leaf& l) { l.policies = {policy("1.2.3", {}, "a\xc2\x85")}; }},
      {"policy_mapping_any", "anyPolicy",
       [](Leaf& l) { l.extension(oids::kPolicyMappings, true, "300c300a06022a030604551d2000"); },
       ca},
      {"policy_mapping_asserted", "1.2.3 is mapped but not asserted",
       [](Leaf& l) { l.extension(oids::kPolicyMappings, true, "300a300806022a0306022a04"); }, ca},
      {"san_empty_name", "empty",
       [](Leaf& l) {
         l.names.clear();
         l.extension(oids::kSubjectAltName, false, "30028200");
       }},
      {"san_duplicate", "'dns:www.example.com' stands twice",
       [](Leaf& l) { l.names.push_back(GeneralName::parse("DNS:WWW.example.com").value()); }},
      {"san_uri_host", "no full host name", [](Leaf& l) { set_name(l, "URI:https://host:1/a.b"); },
       [](Leaf& l) { set_name(l, "URI:https://u@a.b:1/c"); }},
      {"san_uri_host", "no full host name", [](Leaf& l) { set_name(l, "URI:https://[1::2::3]/"); },
       [](Leaf& l) { set_name(l, "URI:https://[1::2]:3/"); }},
      {"san_dns_a_label", "means nothing", [](Leaf& l) { set_name(l, "DNS:xn--a.example"); },
       [](Leaf& l) { set_name(l, "DNS:xn--bcher-kva.example"); }},
      {"san_dns_reserved_label", "'ab--c'", [](Leaf& l) { set_name(l, "DNS:ab--c.example"); },
       [](Leaf& l) { set_name(l, "DNS:xn--bcher-kva.a--b"); }},
      {"key_usage_purpose", "serverAuth",
       [](Leaf& l) { l.fields.key_usage = KeyUsage{KeyUsageBit::kContentCommitment}; }},
      {"key_usage_purpose", "OCSPSigning",
       [](Leaf& l) { l.fields.key_usage = KeyUsage{KeyUsageBit::kKeyAgreement}; },
       [](Leaf& l) { l.purposes = {oids::kOcspSigning}; }},
      {"name_constraints_forms", "registeredID",
       [](Leaf& l) { l.constraints.excluded = {GeneralName::registered_id(asn1::Oid("1.2.3"))}; },
       [](Leaf& l) {
         ca(l);
         l.fields.name_constraints = &l.constraints;
       }},
      {"name_country_printable", "subject's countryName",
       [](Leaf& l) { l.subject = raw_name(oids::kCountry, asn1::kUtf8String, "DE"); },
       [](Leaf& l) { l.subject = raw_name(oids::kCountry, asn1::kPrintableString, "DE"); }},
      {"name_country_printable", "issuer's countryName",
       [](Leaf& l) { l.issuer = raw_name(oids::kCountry, asn1::kUtf8String, "DE"); }},
      {"subject_serial_printable", "serialNumber",
       [](Leaf& l) { l.subject = raw_name(oids::kSerialNumber, asn1::kUtf8String, "1"); },
       [](Leaf& l) { l.subject = raw_name(oids::kSerialNumber, asn1::kPrintableString, "1"); }},
      {"subject_lengths", "CN is over 64",
       [](Leaf& l) {
         l.subject = raw_name(oids::kCommonName, asn1::kUtf8String, std::string(65, 'a'));
       },
       [](Leaf& l) {
         std::string umlauts;
         for (int i = 0; i < 64; ++i) umlauts += "\xc3\xbc";
         l.subject = raw_name(oids::kCommonName, asn1::kUtf8String, umlauts);
       }},
      {"subject_control", "CN has control",
       [](Leaf& l) { l.subject = raw_name(oids::kCommonName, asn1::kUtf8String, "a\x7f"); }},
      {"subject_white_space", "CN begins or ends",
       [](Leaf& l) { l.subject = raw_name(oids::kCommonName, asn1::kUtf8String, "a "); }},
      {"subject_multi_valued", "several attributes",
       [](Leaf& l) { l.subject = Name::parse("CN=a+O=b").value(); },
       [](Leaf& l) { l.subject = Name::parse("CN=a,O=b").value(); }},
      {"subject_country_upper", "'dE'", [](Leaf& l) { l.subject = Name::parse("C=dE").value(); },
       [](Leaf& l) { l.subject = Name::parse("C=DE").value(); }},
      {"rsa_parameters", "not NULL", [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), kF4, ""); },
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), kF4); }},
      {"rsa_size", "2047 bits", [](Leaf& l) { l.spki = rsa_spki(modulus_of(256, 0x7f), kF4); },
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), kF4); }},
      {"rsa_size_octets", "2049 bits", [](Leaf& l) { l.spki = rsa_spki(modulus_of(257, 1), kF4); },
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), kF4); }},
      {"rsa_modulus_odd", "even", [](Leaf& l) { l.spki = rsa_spki(modulus_of(256, 0xc0, 2), kF4); },
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), kF4); }},
      {"rsa_exponent", "even", [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), Bytes{2}); },
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), Bytes{3}); }},
      {"rsa_exponent", "is 1", [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), Bytes{1}); }},
      {"rsa_exponent_range", "below",
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), Bytes{1, 0, 0}); },
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), kF4); }},
      {"rsa_exponent_range", "over 256 bits",
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), modulus_of(33)); },
       [](Leaf& l) { l.spki = rsa_spki(modulus_of(256), modulus_of(32)); }},
      {"key_algorithm", "subject's key",
       [](Leaf& l) { l.spki = parse_hex("3009300306012a03020000").value(); }},
      {"authority_key_id_issuer", "serial number",
       [](Leaf& l) {
         l.key_id.clear();
         l.extension(oids::kAuthorityKeyIdentifier, false, "300c800101a104a4023000820101");
       }},
      {"subject_key_id_present", "no subject key identifier", [](Leaf&) {}},
      {"precertificate_scts", "timestamps",
       [](Leaf& l) { l.extension(oids::kSctList, false, "0400"); },
       [](Leaf& l) { l.extension(oids::kPrecertificatePoison, true, "0500"); }},
      {"ca_crl_sign", "cRLSign",
       [](Leaf& l) { l.fields.key_usage = KeyUsage{KeyUsageBit::kKeyCertSign}; }, ca},
      {"br_aia_http", "no HTTP URL", [](Leaf& l) { l.ocsp_urls = {"https://a.example/"}; },
       [](Leaf& l) { l.ocsp_urls = {"HTTP://a.example/"}; }},
      {"br_aia_methods", "1.2.3 is neither",
       [](Leaf& l) { l.extension(oids::kAuthorityInfoAccess, false, "300a300806022a0386026161"); }},
      {"br_aia_unique", "stands twice",
       [](Leaf& l) { l.ocsp_urls = {"http://a.example/", "http://a.example/"}; },
       [](Leaf& l) { l.ocsp_urls = {"http://a.example/", "http://b.example/"}; }},
      {"br_aia_present", "no authority information access", [](Leaf& l) { l.ocsp_urls.clear(); },
       [](Leaf& l) { l.ocsp_urls = {"http://a.example/"}; }},
      {"br_ca_common_name", "no common name",
       [](Leaf& l) { l.subject = Name::parse("O=Example,C=DE").value(); }, ca},
      {"br_ca_country", "no country", [](Leaf& l) { l.subject = Name::parse("CN=a,O=b").value(); },
       ca},
      {"br_ca_organization", "no organization",
       [](Leaf& l) { l.subject = Name::parse("CN=a,C=DE").value(); }, ca},
      {"br_ca_no_unit", "organizational unit",
       [](Leaf& l) { l.subject = Name::parse("CN=a,OU=b").value(); }, ca},
      {"br_root_path_length", "path length",
       [](Leaf& l) { l.fields.basic_constraints->path_length = 1; }, root},
      {"br_root_policies", "policies", [](Leaf& l) { l.policies = {policy("1.2.3")}; }, root},
      {"br_root_purposes", "extended key usage", [](Leaf& l) { l.purposes = {oids::kServerAuth}; },
       root},
      {"br_sub_ca_policies", "no certificate policies", [](Leaf& l) { l.policies.clear(); },
       [](Leaf& l) {
         ca(l);
         l.policies = {policy("1.2.3")};
       }},
      {"br_sub_ca_crl_points", "no CRL distribution points", [](Leaf& l) { l.crl_urls.clear(); },
       [](Leaf& l) {
         ca(l);
         l.crl_urls = {"http://a.example/"};
       }},
      {"br_crl_point_http", "no HTTP URL", [](Leaf& l) { l.crl_urls = {"ldap://a.example/"}; },
       [](Leaf& l) { l.crl_urls = {"http://a.example/"}; }},
      {"br_crl_point_plain", "reasons",
       [](Leaf& l) {
         l.extension(oids::kCrlDistributionPoints, false, "300e300ca006a0048602616181020780");
       }},
      {"br_revocation_pointer", "neither", [](Leaf& l) { l.ocsp_urls.clear(); },
       [](Leaf& l) { l.ocsp_urls = {"http://a.example/"}; }},
      {"br_revocation_pointer", "neither",
       [](Leaf& l) { l.fields.not_after = testing::kNotBefore + seconds(7 * 86'400); },
       [](Leaf& l) { l.fields.not_after = testing::kNotBefore + seconds(7 * 86'400 - 1); }},
      {"br_subject_duplicate", "O twice",
       [](Leaf& l) { l.subject = Name::parse("CN=a,O=b,O=c").value(); },
       [](Leaf& l) { l.subject = Name::parse("CN=a,DC=b,DC=c").value(); }},
      {"br_cps_uri", "no HTTP URL", [](Leaf& l) { l.policies = {policy("1.2.3", "ftp://a/")}; },
       [](Leaf& l) { l.policies = {policy("1.2.3", "https://a/")}; }},
      {"br_policy_notice", "user notice", [](Leaf& l) { l.policies = {policy("1.2.3", {}, "x")}; },
       [](Leaf& l) { l.policies = {policy("1.2.3")}; }},
      {"br_validity", "398 days",
       [](Leaf& l) { l.fields.not_after = testing::kNotBefore + seconds(398 * 86'400); },
       [](Leaf& l) { l.fields.not_after = testing::kNotBefore + seconds(398 * 86'400 - 1); }},
      {"br_purposes_present", "no extended key usage", [](Leaf& l) { l.purposes.clear(); }},
      {"br_purposes_not_critical", "critical",
       [](Leaf& l) { l.fields.extended_key_usage_critical = Criticality::kCritical; }},
      {"br_purposes_extra", "1.3.6.1.5.5.7.3.3",
       [](Leaf& l) { l.purposes.push_back(oids::kCodeSigning); },
       [](Leaf& l) { l.purposes.push_back(oids::kClientAuth); }},
      {"br_san_kinds", "'email:a@b'", [](Leaf& l) { set_name(l, "email:a@b"); },
       [](Leaf& l) { set_name(l, "IP:10.0.0.1"); }},
      {"br_san_not_critical", "critical",
       [](Leaf& l) {
         l.names.clear();
         l.extension(oids::kSubjectAltName, true, "3003820161");
       }},
      {"br_san_reserved_ip", "172.31.0.1", [](Leaf& l) { set_name(l, "IP:172.31.0.1"); },
       [](Leaf& l) { set_name(l, "IP:172.32.0.1"); }},
      {"br_san_reserved_ip", "fd00::1", [](Leaf& l) { set_name(l, "IP:fd00::1"); },
       [](Leaf& l) { set_name(l, "IP:2a00::1"); }},
      {"br_ocsp_no_check", "ocsp-nocheck", [](Leaf& l) { l.purposes = {oids::kOcspSigning}; }},
      {"br_no_unit", "organizational unit",
       [](Leaf& l) { l.subject = Name::parse("CN=a,OU=b").value(); }},
      {"br_policies_present", "no certificate policies", [](Leaf& l) { l.policies.clear(); },
       [](Leaf& l) { l.policies = {policy("1.2.3")}; }},
      {"br_policies_not_critical", "critical",
       [](Leaf& l) { l.extension(oids::kCertificatePolicies, true, "3006300406022a03"); }},
      {"br_leaf_constraints_critical", "not critical",
       [](Leaf& l) { l.fields.basic_constraints_critical = Criticality::kNonCritical; },
       [](Leaf& l) { l.fields.basic_constraints = BasicConstraints{false, {}}; }},
      {"br_leaf_crl_sign", "cRLSign",
       [](Leaf& l) { l.fields.key_usage = KeyUsage{KeyUsageBit::kCrlSign}; }},
      {"br_common_name", "common name",
       [](Leaf& l) { l.subject = Name::parse("CN=www.example.com").value(); },
       [](Leaf& l) { l.subject = Name::parse("O=Example").value(); }},
      {"br_common_name_in_san", "'mail.example.com'",
       [](Leaf& l) { l.subject = Name::parse("CN=mail.example.com").value(); },
       [](Leaf& l) { l.subject = Name::parse("CN=WWW.example.com").value(); }},
      {"br_subject_placeholder", "O is '-'",
       [](Leaf& l) { l.subject = Name::parse("CN=a,O=-").value(); }},
      {"br_dv_subject", "O", [](Leaf& l) { l.subject = Name::parse("CN=a,O=b").value(); },
       [](Leaf& l) { l.policies = {policy("2.23.140.1.2.1")}; }},
      {"br_ov_subject", "no organization",
       [](Leaf& l) { l.subject = Name::parse("CN=a,C=DE,L=b").value(); },
       [](Leaf& l) {
         l.policies = {policy("2.23.140.1.2.2")};
         l.subject = Name::parse("CN=a,O=c,C=DE,L=b").value();
       }},
      {"br_key_algorithm", "neither RSA",
       [](Leaf& l) {
         l.spki = to_bytes(crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEd25519, 0})
                               .value()
                               .public_key()
                               .spki());
       }},
  };
  return kCases;
}

std::vector<Finding> findings_of(Leaf& leaf, std::string_view rule, Severity severity) {
  const Setting setting[] = {{rule, severity}};
  leaf.context.settings = setting;
  std::vector<Finding> found = lint_tbs(leaf.tbs(), leaf.context);
  std::erase_if(found, [&](const Finding& finding) { return finding.rule != rule; });
  return found;
}

TEST_CASE("each rule finds its fault and nothing without it") {
  for (const Case& c : cases()) {
    CAPTURE(c.rule);
    if (c.rule != "subject_key_id_present") {
      Leaf good;
      c.prepare(good);
      const auto none = findings_of(good, c.rule, Severity::kError);
      CHECK_MESSAGE(none.empty(), none.front().message);
    }
    Leaf bad;
    c.prepare(bad);
    c.spoil(bad);
    const auto found = findings_of(bad, c.rule, Severity::kWarning);
    REQUIRE(found.size() == 1);
    CHECK(found[0].severity == Severity::kWarning);
    CHECK_MESSAGE(found[0].message.contains(c.message), found[0].message);
    CHECK(findings_of(bad, c.rule, Severity::kOff).empty());
  }
}

}  // namespace
}  // namespace chancery::x509::lint
