// Writes certification paths, good and mutated, for verifiers to be compared on:
//   path_cases SEED COUNT > cases
// One case a line: number, mutations, host, required policy ("-": none), number of anchors, number
// of intermediates, then target, anchors and intermediates as base64. All are to be judged for a
// TLS server at kTime (judge.h).

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "crypto/digest.h"
#include "judge.h"
#include "x509/oids.h"
#include "x509/path/testing/certificate_spec.h"

namespace {

using namespace chancery;
using namespace chancery::x509;
using path::testing::extension;
using path::testing::written;
using enum KeyUsageBit;

constexpr TimePoint kYear = from_unix(1'767'225'600);      // 2026-01-01
constexpr TimePoint kNextYear = from_unix(1'798'761'600);  // 2027-01-01
constexpr TimePoint kLastYear = from_unix(1'735'689'600);  // 2025-01-01

// A key that the product may refuse to make: OpenSSL's, with a signature algorithm of choice.
struct Key {
  std::shared_ptr<EVP_PKEY> key;
  Bytes spki;
  Bytes algorithm;
  const EVP_MD* digest = nullptr;
  Bytes weak_algorithm;  // the same key with SHA-1; empty for Ed25519
};

Bytes algorithm(const asn1::Oid& id, bool null) {
  asn1::Writer w;
  w.sequence([&] {
    w.oid(id.der());
    if (null) w.null();
  });
  return std::move(w).take();
}

Key own(EVP_PKEY* key) {
  Key out;
  out.key.reset(key, EVP_PKEY_free);
  std::uint8_t* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  out.spki.assign(der, der + size);
  OPENSSL_free(der);
  if (EVP_PKEY_is_a(key, "ED25519") == 1) {
    out.algorithm = algorithm(asn1::Oid("1.3.101.112"), false);
  } else if (EVP_PKEY_is_a(key, "RSA") == 1) {
    out.algorithm = algorithm(asn1::Oid("1.2.840.113549.1.1.11"), true);
    out.weak_algorithm = algorithm(asn1::Oid("1.2.840.113549.1.1.5"), true);
    out.digest = EVP_sha256();
  } else {
    out.algorithm = algorithm(asn1::Oid("1.2.840.10045.4.3.2"), false);
    out.weak_algorithm = algorithm(asn1::Oid("1.2.840.10045.4.1"), false);
    out.digest = EVP_sha256();
  }
  return out;
}

const Key& key(const std::string& name) {
  static std::map<std::string, Key> keys;
  const auto found = keys.find(name);
  if (found != keys.end()) return found->second;
  EVP_PKEY* made = nullptr;
  if (name.starts_with("rsa1024"))
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024});
  else if (name.starts_with("rsa"))
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
  else if (name.starts_with("ed"))
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  else if (name.starts_with("p384"))
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
  else if (name.starts_with("p521"))
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521");
  else
    made = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  return keys.emplace(name, own(made)).first->second;
}

// The same bytes get the same signature, so that a certificate which stands in two places is one.
Bytes sign(const Key& with, bool sha1, BytesView tbs) {
  static std::map<std::pair<const Key*, Bytes>, Bytes> made;
  const std::pair asked(&with, to_bytes(tbs));
  if (const auto found = made.find(asked); found != made.end()) return found->second;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  Bytes out(1024);
  std::size_t size = out.size();
  if (EVP_DigestSignInit(context.get(), nullptr, sha1 ? EVP_sha1() : with.digest, nullptr,
                         with.key.get()) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, tbs.data(), tbs.size()) != 1) {
    std::fprintf(stderr, "cannot sign\n");
    std::exit(1);
  }
  out.resize(size);
  return made.emplace(asked, std::move(out)).first->second;
}

Bytes dn(const std::string& text) { return to_bytes(Name::parse(text).value().der()); }

Bytes retagged(Bytes der, std::uint8_t tag) {
  for (std::size_t i = 0; i + 5 < der.size(); ++i) {
    if (der[i] == 0x55 && der[i + 1] == 0x04 && der[i + 3] == asn1::kUtf8String) der[i + 3] = tag;
  }
  return der;
}

// A certificate before it is encoded.
struct Cert {
  std::string key;
  std::string signer;
  Bytes subject;
  Bytes issuer;
  int version = 3;
  Bytes serial;
  TimePoint from = kYear;
  TimePoint to = kNextYear;
  std::optional<BasicConstraints> constraints;
  bool constraints_critical = true;
  std::optional<KeyUsage> usage;
  std::vector<asn1::Oid> purposes;
  std::vector<GeneralName> names;
  bool names_critical = false;
  NameConstraints subtrees;
  bool subtrees_critical = true;
  std::vector<PolicyInformation> policies;
  bool ski = true;
  bool aki = true;
  std::string aki_key;  // another one than the signer's
  std::vector<Bytes> more;
  bool corrupt = false;
  bool sha1 = false;
  Bytes trailing;

  [[nodiscard]] Bytes encode() const;
  [[nodiscard]] std::vector<Bytes> extensions() const;
};

chancery::crypto::Sha1 key_id(const std::string& name) {
  return chancery::crypto::sha1(key(name).spki);
}

std::vector<Bytes> Cert::extensions() const {
  std::vector<Bytes> out;
  if (version != 3) return more;
  const auto critical = [](bool yes) {
    return yes ? Criticality::kCritical : Criticality::kNonCritical;
  };
  if (constraints) {
    out.push_back(written([&](asn1::Writer& w) {
      write_basic_constraints(w, *constraints, critical(constraints_critical));
    }));
  }
  if (usage) out.push_back(written([&](asn1::Writer& w) { write_key_usage(w, *usage); }));
  if (!purposes.empty())
    out.push_back(written([&](asn1::Writer& w) { write_extended_key_usage(w, purposes); }));
  if (!names.empty()) {
    out.push_back(written(
        [&](asn1::Writer& w) { write_subject_alt_name(w, names, critical(names_critical)); }));
  }
  if (!subtrees.permitted.empty() || !subtrees.excluded.empty()) {
    out.push_back(written([&](asn1::Writer& w) {
      write_name_constraints(w, subtrees, critical(subtrees_critical));
    }));
  }
  if (!policies.empty())
    out.push_back(written([&](asn1::Writer& w) { write_certificate_policies(w, policies); }));
  if (ski) {
    out.push_back(written([&](asn1::Writer& w) { write_subject_key_id(w, key_id(key)); }));
  }
  if (aki) {
    out.push_back(written([&](asn1::Writer& w) {
      write_authority_key_id(w, key_id(aki_key.empty() ? signer : aki_key));
    }));
  }
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

Bytes Cert::encode() const {
  const Key& with = ::key(signer);
  path::testing::CertificateSpec spec;
  spec.version = version;
  spec.serial = serial;
  spec.issuer = issuer;
  spec.subject = subject;
  spec.not_before = from;
  spec.not_after = to;
  spec.spki = ::key(key).spki;
  spec.algorithm = sha1 ? with.weak_algorithm : with.algorithm;
  spec.extensions = extensions();
  Bytes der = path::testing::encode(spec, [&](BytesView tbs) {
    Bytes signature = sign(with, sha1, tbs);
    if (corrupt) signature[signature.size() / 2] ^= 0x10;
    return signature;
  });
  append(der, trailing);
  return der;
}

struct Case {
  std::vector<Cert> path;     // target first, root last
  std::vector<Cert> pool;     // besides
  std::vector<Cert> anchors;  // besides the root
  bool trust_root = true;
  bool send_intermediates = true;
  std::string host = "www.example.test";
  std::string policy = "-";

  Cert& leaf() { return path.front(); }
  Cert& root() { return path.back(); }
  // The issuer of the target; the root where there is no intermediate.
  Cert& issuer() { return path[1]; }
};

using Random = std::mt19937_64;
using Mutate = void (*)(Case&, Random&);
struct Mutation {
  const char* name;
  Mutate apply;
};

GeneralName name(const char* text) { return GeneralName::parse(text).value(); }
Bytes raw_extension(const asn1::Oid& id, bool critical, const char* hex_value) {
  return extension(id, critical, [&](asn1::Writer& w) { w.raw(parse_hex(hex_value).value()); });
}
PolicyInformation policy(const char* id) { return {asn1::Oid::parse(id).value(), {}, {}}; }
void all_policies(Case& c, const char* id) {
  for (std::size_t i = 0; i + 1 < c.path.size(); ++i) c.path[i].policies = {policy(id)};
}
// A second certificate for an authority's name and key.
Cert cross(const Cert& of, const char* issuer, const char* signer) {
  Cert out = of;
  out.issuer = dn(issuer);
  out.signer = signer;
  out.aki = true;
  out.serial = {0x71, 0x01};
  return out;
}
Cert other_root() {
  Cert out;
  out.key = out.signer = "p256-other-root";
  out.subject = out.issuer = dn("CN=Other Root,O=Compare");
  out.serial = {0x70};
  out.constraints = BasicConstraints{true, {}};
  out.usage = KeyUsage{kKeyCertSign, kCrlSign};
  out.aki = false;
  return out;
}

#define MUTATION(NAME, ...) {#NAME, [](Case& c, [[maybe_unused]] Random& random) { __VA_ARGS__; }}

const Mutation kMutations[] = {
    // Validity.
    MUTATION(leaf_expired, c.leaf().from = kLastYear; c.leaf().to = kYear),
    MUTATION(leaf_future, c.leaf().from = kNextYear; c.leaf().to = kNextYear + std::chrono::hours(24)),
    MUTATION(issuer_expired, c.issuer().from = kLastYear; c.issuer().to = kYear),
    MUTATION(issuer_future, c.issuer().from = kNextYear; c.issuer().to = kNextYear + std::chrono::hours(24)),
    MUTATION(root_expired, c.root().from = kLastYear; c.root().to = kYear),
    MUTATION(leaf_validity_reversed, c.leaf().from = kNextYear; c.leaf().to = kLastYear),
    MUTATION(leaf_year_2050, c.leaf().to = from_unix(2'524'608'000)),
    // Extended key usage.
    MUTATION(eku_leaf_client, c.leaf().purposes = {oids::kClientAuth}),
    MUTATION(eku_leaf_any, c.leaf().purposes = {oids::kAnyExtendedKeyUsage}),
    MUTATION(eku_leaf_absent, c.leaf().purposes.clear()),
    MUTATION(eku_leaf_unknown, c.leaf().purposes = {asn1::Oid("1.2.3.4.5")}),
    MUTATION(eku_leaf_sgc, c.leaf().purposes = {oids::kNetscapeServerGatedCrypto}),
    MUTATION(eku_issuer_client, c.issuer().purposes = {oids::kClientAuth}),
    MUTATION(eku_issuer_any, c.issuer().purposes = {oids::kAnyExtendedKeyUsage}),
    MUTATION(eku_issuer_server, c.issuer().purposes = {oids::kServerAuth}),
    MUTATION(eku_root_client, c.root().purposes = {oids::kClientAuth}),
    // Key usage.
    MUTATION(ku_leaf_cert_sign, c.leaf().usage = KeyUsage{kKeyCertSign}),
    MUTATION(ku_leaf_encipher, c.leaf().usage = KeyUsage{kKeyEncipherment}),
    MUTATION(ku_leaf_agree, c.leaf().usage = KeyUsage{kKeyAgreement}),
    MUTATION(ku_leaf_absent, c.leaf().usage.reset()),
    MUTATION(ku_issuer_absent, c.issuer().usage.reset()),
    MUTATION(ku_issuer_no_cert_sign, c.issuer().usage = KeyUsage{kDigitalSignature, kCrlSign}),
    MUTATION(ku_root_no_cert_sign, c.root().usage = KeyUsage{kCrlSign}),
    // Basic constraints.
    MUTATION(bc_issuer_absent, c.issuer().constraints.reset()),
    MUTATION(bc_issuer_absent_no_ku, c.issuer().constraints.reset(); c.issuer().usage.reset()),
    MUTATION(bc_issuer_false, c.issuer().constraints = BasicConstraints{}),
    MUTATION(bc_issuer_not_critical, c.issuer().constraints_critical = false),
    MUTATION(bc_root_absent, c.root().constraints.reset()),
    MUTATION(bc_root_false, c.root().constraints = BasicConstraints{}),
    MUTATION(bc_leaf_is_ca, c.leaf().constraints = BasicConstraints{true, {}}),
    MUTATION(bc_leaf_false_with_length, c.leaf().constraints.reset(); c.leaf().more.push_back(raw_extension(oids::kBasicConstraints, true, "3003020100"))),
    MUTATION(path_length_issuer_0, c.issuer().constraints->path_length = 0),
    MUTATION(path_length_root_0, c.root().constraints->path_length = 0),
    MUTATION(path_length_root_1, c.root().constraints->path_length = 1),
    // Name constraints.
    MUTATION(nc_dns_permitted, c.issuer().subtrees.permitted = {name("DNS:example.test")}),
    MUTATION(nc_dns_missed, c.issuer().subtrees.permitted = {name("DNS:example.org")}),
    MUTATION(nc_dns_excluded, c.issuer().subtrees.excluded = {name("DNS:example.test")}),
    MUTATION(nc_dns_excluded_miss, c.issuer().subtrees.excluded = {name("DNS:example.org")}),
    MUTATION(nc_dns_dot_permitted, c.issuer().subtrees.permitted = {name("DNS:.example.test")}),
    MUTATION(nc_dns_dot_itself, c.issuer().subtrees.permitted = {name("DNS:.www.example.test")}),
    MUTATION(nc_dns_suffix_trap, c.issuer().subtrees.permitted = {name("DNS:ample.test")}),
    MUTATION(nc_dns_case, c.issuer().subtrees.permitted = {name("DNS:EXAMPLE.test")}),
    MUTATION(nc_dns_wildcard_excluded, c.leaf().names = {name("DNS:*.example.test")}; c.issuer().subtrees.excluded = {name("DNS:secret.example.test")}),
    MUTATION(nc_dns_wildcard_narrow, c.leaf().names = {name("DNS:*.example.test")}; c.issuer().subtrees.permitted = {name("DNS:www.example.test")}),
    MUTATION(nc_dns_wildcard_permitted, c.leaf().names = {name("DNS:*.example.test")}; c.issuer().subtrees.permitted = {name("DNS:example.test")}),
    MUTATION(nc_dns_wildcard_constraint, c.issuer().subtrees.permitted = {name("DNS:*.example.test")}),
    MUTATION(nc_dns_trailing_dot_name, c.leaf().names.push_back(name("DNS:x.example.org.")); c.issuer().subtrees.excluded = {name("DNS:example.org")}),
    MUTATION(nc_dns_malformed_name, c.leaf().names.push_back(name("DNS:a..example.test")); c.issuer().subtrees.permitted = {name("DNS:example.test")}),
    MUTATION(nc_dns_root, c.root().subtrees.permitted = {name("DNS:example.org")}),
    MUTATION(nc_dns_root_hit, c.root().subtrees.permitted = {name("DNS:example.test")}),
    MUTATION(nc_dns_not_critical, c.issuer().subtrees.permitted = {name("DNS:example.org")}; c.issuer().subtrees_critical = false),
    MUTATION(nc_dns_empty_excluded, c.issuer().more.push_back(raw_extension(oids::kNameConstraints, true, "3006a10430028200"))),
    MUTATION(nc_dns_empty_permitted, c.issuer().more.push_back(raw_extension(oids::kNameConstraints, true, "3006a00430028200"))),
    MUTATION(nc_empty, c.issuer().more.push_back(raw_extension(oids::kNameConstraints, true, "3000"))),
    MUTATION(nc_minimum, c.issuer().more.push_back(raw_extension(oids::kNameConstraints, true, "3013a011300f820a6c652e746573742e7878800101"))),
    MUTATION(nc_common_name_only, c.leaf().names = {name("IP:192.0.2.1")}; c.host = "192.0.2.1"; c.leaf().subject = dn("CN=www.example.org"); c.issuer().subtrees.permitted = {name("DNS:example.test")}),
    MUTATION(nc_email_permitted, c.leaf().names.push_back(name("email:a@example.test")); c.issuer().subtrees.permitted = {name("email:example.test")}),
    MUTATION(nc_email_missed, c.leaf().names.push_back(name("email:a@example.org")); c.issuer().subtrees.permitted = {name("email:example.test")}),
    MUTATION(nc_email_subhost, c.leaf().names.push_back(name("email:a@mail.example.test")); c.issuer().subtrees.permitted = {name("email:example.test")}),
    MUTATION(nc_email_domain, c.leaf().names.push_back(name("email:a@mail.example.test")); c.issuer().subtrees.permitted = {name("email:.example.test")}),
    MUTATION(nc_email_domain_itself, c.leaf().names.push_back(name("email:a@example.test")); c.issuer().subtrees.permitted = {name("email:.example.test")}),
    MUTATION(nc_email_mailbox, c.leaf().names.push_back(name("email:a@example.test")); c.issuer().subtrees.permitted = {name("email:a@example.test")}),
    MUTATION(nc_email_mailbox_case, c.leaf().names.push_back(name("email:A@example.test")); c.issuer().subtrees.permitted = {name("email:a@example.test")}),
    MUTATION(nc_email_excluded, c.leaf().names.push_back(name("email:a@example.test")); c.issuer().subtrees.excluded = {name("email:example.test")}),
    MUTATION(nc_email_excluded_case, c.leaf().names.push_back(name("email:A@example.test")); c.issuer().subtrees.excluded = {name("email:a@example.test")}),
    MUTATION(nc_email_malformed, c.leaf().names.push_back(name("email:nobody")); c.issuer().subtrees.excluded = {name("email:example.test")}),
    MUTATION(nc_email_in_subject, c.leaf().subject = dn("CN=a,emailAddress=a@example.org"); c.issuer().subtrees.permitted = {name("email:example.test")}),
    MUTATION(nc_smtputf8, c.leaf().names.push_back(name("otherName:1.3.6.1.5.5.7.8.9;UTF8:\xce\xb1@example.org")); c.issuer().subtrees.permitted = {name("email:example.test")}),
    MUTATION(nc_smtputf8_hit, c.leaf().names.push_back(name("otherName:1.3.6.1.5.5.7.8.9;UTF8:\xce\xb1@example.test")); c.issuer().subtrees.permitted = {name("email:example.test")}),
    MUTATION(nc_uri_host, c.leaf().names.push_back(name("URI:https://www.example.test/x")); c.issuer().subtrees.permitted = {name("URI:www.example.test")}),
    MUTATION(nc_uri_subhost, c.leaf().names.push_back(name("URI:https://www.example.test/x")); c.issuer().subtrees.permitted = {name("URI:example.test")}),
    MUTATION(nc_uri_domain, c.leaf().names.push_back(name("URI:https://www.example.test/x")); c.issuer().subtrees.permitted = {name("URI:.example.test")}),
    MUTATION(nc_uri_excluded, c.leaf().names.push_back(name("URI:https://www.example.test/x")); c.issuer().subtrees.excluded = {name("URI:.example.test")}),
    MUTATION(nc_uri_no_host, c.leaf().names.push_back(name("URI:urn:x:y")); c.issuer().subtrees.excluded = {name("URI:.example.test")}),
    MUTATION(nc_uri_ip, c.leaf().names.push_back(name("URI:https://192.0.2.1/")); c.issuer().subtrees.excluded = {name("URI:.example.test")}),
    MUTATION(nc_uri_userinfo, c.leaf().names.push_back(name("URI:https://a.example.test@evil.example.org/")); c.issuer().subtrees.permitted = {name("URI:.example.test")}),
    MUTATION(nc_ip_permitted, c.leaf().names.push_back(name("IP:10.1.2.3")); c.issuer().subtrees.permitted = {name("IP:10.0.0.0/8")}),
    MUTATION(nc_ip_missed, c.leaf().names.push_back(name("IP:11.1.2.3")); c.issuer().subtrees.permitted = {name("IP:10.0.0.0/8")}),
    MUTATION(nc_ip_excluded, c.leaf().names.push_back(name("IP:10.1.2.3")); c.issuer().subtrees.excluded = {name("IP:10.0.0.0/8")}),
    MUTATION(nc_ip_families, c.leaf().names.push_back(name("IP:2001:db8::1")); c.issuer().subtrees.permitted = {name("IP:10.0.0.0/8")}),
    MUTATION(nc_ip_holes, c.leaf().names.push_back(name("IP:10.1.0.3")); c.issuer().more.push_back(raw_extension(oids::kNameConstraints, true, "300ea00c300a87080a000000ff00ff00"))),
    MUTATION(nc_directory_permitted, c.leaf().subject = dn("CN=a,O=Example"); c.issuer().subtrees.permitted = {name("dirName:O=Example")}),
    MUTATION(nc_directory_missed, c.leaf().subject = dn("CN=a,O=Other"); c.issuer().subtrees.permitted = {name("dirName:O=Example")}),
    MUTATION(nc_directory_excluded, c.leaf().subject = dn("CN=a,O=Example"); c.issuer().subtrees.excluded = {name("dirName:O=Example")}),
    MUTATION(nc_directory_case, c.leaf().subject = dn("CN=a,O=EXAMPLE"); c.issuer().subtrees.excluded = {name("dirName:O=Example")}),
    MUTATION(nc_directory_printable, c.leaf().subject = retagged(dn("CN=a,O=Example"), asn1::kPrintableString); c.issuer().subtrees.excluded = {name("dirName:O=Example")}),
    MUTATION(nc_registered_id, c.leaf().names.push_back(name("RID:1.2.3")); c.issuer().subtrees.permitted = {name("RID:1.2.3")}),
    MUTATION(nc_registered_id_absent, c.issuer().subtrees.permitted = {name("RID:1.2.3")}),
    MUTATION(nc_upn_hit, c.leaf().names.push_back(name("UPN:a@example.test")); c.issuer().subtrees.permitted = {name("UPN:@example.test")}),
    MUTATION(nc_upn_missed, c.leaf().names.push_back(name("UPN:a@example.org")); c.issuer().subtrees.permitted = {name("UPN:@example.test")}),
    MUTATION(nc_other_name, c.leaf().names.push_back(name("otherName:1.2.3;UTF8:y")); c.issuer().subtrees.excluded = {name("otherName:1.2.3;UTF8:x")}),
    // Policies.
    MUTATION(policy_required_hit, all_policies(c, "1.2.3"); c.policy = "1.2.3"),
    MUTATION(policy_required_missed, all_policies(c, "1.2.3"); c.policy = "1.2.4"),
    MUTATION(policy_required_absent, c.policy = "1.2.3"),
    MUTATION(policy_leaf_absent, all_policies(c, "1.2.3"); c.leaf().policies.clear(); c.policy = "1.2.3"),
    MUTATION(policy_issuer_any, all_policies(c, "2.5.29.32.0"); c.leaf().policies = {policy("1.2.3")}; c.policy = "1.2.3"),
    MUTATION(policy_unrequired_mismatch, all_policies(c, "1.2.3"); c.leaf().policies = {policy("1.2.4")}),
    MUTATION(policy_constraints_require, all_policies(c, "1.2.3"); c.leaf().policies = {policy("1.2.4")}; c.issuer().more.push_back(path::testing::policy_constraints(0, -1))),
    MUTATION(policy_constraints_require_absent, c.issuer().more.push_back(path::testing::policy_constraints(0, -1))),
    MUTATION(policy_constraints_empty, c.issuer().more.push_back(raw_extension(oids::kPolicyConstraints, true, "3000"))),
    MUTATION(policy_mapped, all_policies(c, "1.2.3"); c.leaf().policies = {policy("1.2.9")}; c.issuer().more.push_back(path::testing::policy_mappings({{asn1::Oid("1.2.3"), asn1::Oid("1.2.9")}})); c.policy = "1.2.3"),
    MUTATION(policy_mapping_any, all_policies(c, "1.2.3"); c.issuer().more.push_back(path::testing::policy_mappings({{oids::kAnyPolicy, asn1::Oid("1.2.9")}}))),
    MUTATION(policy_inhibit_any, all_policies(c, "1.2.3"); c.leaf().policies = {policy("2.5.29.32.0")}; c.issuer().more.push_back(path::testing::inhibit_any_policy(0)); c.policy = "1.2.3"),
    MUTATION(policy_duplicate, c.leaf().policies = {policy("1.2.3"), policy("1.2.3")}),
    // Extensions.
    MUTATION(ext_leaf_critical_unknown, c.leaf().more.push_back(raw_extension(asn1::Oid("1.2.3.4"), true, "0500"))),
    MUTATION(ext_issuer_critical_unknown, c.issuer().more.push_back(raw_extension(asn1::Oid("1.2.3.4"), true, "0500"))),
    MUTATION(ext_root_critical_unknown, c.root().more.push_back(raw_extension(asn1::Oid("1.2.3.4"), true, "0500"))),
    MUTATION(ext_leaf_unknown, c.leaf().more.push_back(raw_extension(asn1::Oid("1.2.3.4"), false, "0500"))),
    MUTATION(ext_leaf_twice, c.leaf().more.push_back(written([](asn1::Writer& w) { write_key_usage(w, KeyUsage{kDigitalSignature}); }))),
    MUTATION(ext_leaf_unknown_twice, for (int i = 0; i < 2; ++i) c.leaf().more.push_back(raw_extension(asn1::Oid("1.2.3.4"), false, "0500"))),
    MUTATION(ext_issuer_twice, c.issuer().more.push_back(written([](asn1::Writer& w) { write_basic_constraints(w, BasicConstraints{true, {}}); }))),
    MUTATION(ext_poison, c.leaf().more.push_back(raw_extension(oids::kPrecertificatePoison, true, "0500"))),
    MUTATION(ext_critical_crldp, c.leaf().more.push_back(raw_extension(oids::kCrlDistributionPoints, true, "300d300ba009a00786056c3a2f2f78"))),
    MUTATION(ext_critical_aia, c.leaf().more.push_back(raw_extension(oids::kAuthorityInfoAccess, true, "3011300f06082b060105050730018603783a79"))),
    MUTATION(ext_critical_ski, c.leaf().ski = false; c.leaf().more.push_back(raw_extension(oids::kSubjectKeyIdentifier, true, "040101"))),
    MUTATION(ext_critical_issuer_alt_name, c.leaf().more.push_back(raw_extension(oids::kIssuerAltName, true, "3003820178"))),
    MUTATION(ext_critical_san, c.leaf().names_critical = true),
    MUTATION(ext_malformed_key_usage, c.leaf().usage.reset(); c.leaf().more.push_back(raw_extension(oids::kKeyUsage, true, "0500"))),
    MUTATION(ext_malformed_san, c.leaf().names.clear(); c.leaf().more.push_back(raw_extension(oids::kSubjectAltName, false, "3000"))),
    MUTATION(ext_critical_false_written, c.leaf().more.push_back(parse_hex("300c06032a030401010004020500").value())),
    MUTATION(ext_ca_false_written, c.leaf().constraints.reset(); c.leaf().more.push_back(raw_extension(oids::kBasicConstraints, true, "3003010100"))),
    MUTATION(ext_key_usage_trailing_zeros, c.leaf().usage.reset(); c.leaf().more.push_back(raw_extension(oids::kKeyUsage, true, "03020080"))),
    // Key identifiers.
    MUTATION(aki_wrong, c.leaf().aki_key = "p256-nobody"),
    MUTATION(aki_absent, c.leaf().aki = false),
    MUTATION(ski_issuer_absent, c.issuer().ski = false),
    MUTATION(aki_serial_wrong, c.leaf().aki = false; c.leaf().more.push_back(extension(oids::kAuthorityKeyIdentifier, false, [&](asn1::Writer& w) { w.sequence([&] { w.nest(asn1::context_constructed(1), [&] { w.nest(asn1::context_constructed(4), [&] { w.raw(c.issuer().issuer); }); }); w.element(asn1::context(2), Bytes{0x55}); }); }))),
    // Signatures and keys.
    MUTATION(sig_leaf_corrupt, c.leaf().corrupt = true),
    MUTATION(sig_issuer_corrupt, c.issuer().corrupt = true),
    MUTATION(sig_root_corrupt, c.root().corrupt = true),
    MUTATION(sig_leaf_other_key, c.leaf().signer = "p256-nobody"; c.leaf().aki_key = c.issuer().key),
    MUTATION(sig_leaf_sha1, c.leaf().sha1 = !::key(c.leaf().signer).weak_algorithm.empty()),
    MUTATION(sig_issuer_sha1, c.issuer().sha1 = !::key(c.issuer().signer).weak_algorithm.empty()),
    MUTATION(sig_root_sha1, c.root().sha1 = !::key(c.root().signer).weak_algorithm.empty()),
    MUTATION(key_leaf_rsa1024, c.leaf().key = "rsa1024"),
    MUTATION(key_leaf_rsa2048, c.leaf().key = "rsa2048"),
    MUTATION(key_leaf_p384, c.leaf().key = "p384"),
    MUTATION(key_leaf_p521, c.leaf().key = "p521"),
    MUTATION(key_issuer_rsa1024, c.issuer().key = "rsa1024"; c.leaf().signer = "rsa1024"; if (c.path.size() == 2) c.issuer().signer = "rsa1024"),
    MUTATION(key_issuer_rsa2048, c.issuer().key = "rsa2048"; c.leaf().signer = "rsa2048"; if (c.path.size() == 2) c.issuer().signer = "rsa2048"),
    MUTATION(key_issuer_p521, c.issuer().key = "p521"; c.leaf().signer = "p521"; if (c.path.size() == 2) c.issuer().signer = "p521"),
    // Versions and serial numbers.
    MUTATION(version_leaf_1, c.leaf().version = 1),
    MUTATION(version_issuer_1, c.issuer().version = 1),
    MUTATION(version_root_1, c.root().version = 1),
    MUTATION(version_leaf_2_with_extensions, c.leaf().version = 2; c.leaf().more.push_back(raw_extension(asn1::Oid("1.2.3.4"), false, "0500"))),
    MUTATION(serial_zero, c.leaf().serial = {0}),
    MUTATION(serial_negative, c.leaf().serial = {0x80}),
    MUTATION(serial_long, c.leaf().serial = Bytes(21, 0x11)),
    // Names.
    MUTATION(name_issuer_printable, c.leaf().issuer = retagged(c.leaf().issuer, asn1::kPrintableString)),
    MUTATION(name_issuer_teletex, c.leaf().issuer = retagged(c.leaf().issuer, asn1::kTeletexString)),
    MUTATION(name_issuer_case, c.issuer().subject = dn("CN=MixedCase Issuer"); c.leaf().issuer = dn("CN=mixedcase  ISSUER"); if (c.path.size() == 2) c.issuer().issuer = c.issuer().subject),
    MUTATION(name_issuer_other, c.leaf().issuer = dn("CN=Somebody Else")),
    MUTATION(name_issuer_empty, c.leaf().issuer = dn(""); c.issuer().subject = dn(""); if (c.path.size() == 2) c.issuer().issuer = dn("")),
    MUTATION(name_leaf_empty, c.leaf().subject = dn("")),
    MUTATION(name_leaf_empty_critical, c.leaf().subject = dn(""); c.leaf().names_critical = true),
    // Hosts.
    MUTATION(host_mismatch, c.host = "www.example.org"),
    MUTATION(host_wildcard, c.leaf().names = {name("DNS:*.example.test")}),
    MUTATION(host_wildcard_deep, c.leaf().names = {name("DNS:*.test")}),
    MUTATION(host_wildcard_top, c.leaf().names = {name("DNS:*.test")}; c.host = "example.test"),
    MUTATION(host_wildcard_partial, c.leaf().names = {name("DNS:w*.example.test")}),
    MUTATION(host_wildcard_inner, c.leaf().names = {name("DNS:www.*.test")}),
    MUTATION(host_common_name, c.leaf().names.clear(); c.leaf().subject = dn("CN=www.example.test")),
    MUTATION(host_common_name_beside_ip, c.leaf().names = {name("IP:192.0.2.1")}; c.leaf().subject = dn("CN=www.example.test")),
    MUTATION(host_ip, c.leaf().names = {name("IP:192.0.2.1")}; c.host = "192.0.2.1"),
    MUTATION(host_ip_as_dns, c.leaf().names = {name("DNS:192.0.2.1")}; c.host = "192.0.2.1"),
    MUTATION(host_trailing_dot, c.leaf().names = {name("DNS:www.example.test.")}),
    MUTATION(host_underscore, c.leaf().names = {name("DNS:a_b.example.test")}; c.host = "a_b.example.test"),
    MUTATION(host_case, c.leaf().names = {name("DNS:WWW.Example.test")}),
    // Building.
    MUTATION(build_no_intermediates, c.send_intermediates = false),
    MUTATION(build_root_unknown, c.trust_root = false; c.anchors.push_back(other_root())),
    MUTATION(build_root_sent, c.trust_root = false; c.anchors.push_back(other_root()); c.pool.push_back(c.root())),
    MUTATION(build_cross_signed, c.trust_root = false; c.anchors.push_back(other_root()); c.pool.push_back(cross(c.root(), "CN=Other Root,O=Compare", "p256-other-root"))),
    MUTATION(build_cross_and_root, c.anchors.push_back(other_root()); c.pool.push_back(cross(c.root(), "CN=Other Root,O=Compare", "p256-other-root"))),
    MUTATION(build_expired_cross, c.anchors.push_back(other_root()); Cert old = cross(c.root(), "CN=Other Root,O=Compare", "p256-other-root"); old.from = kLastYear; old.to = kYear; c.pool.push_back(old)),
    MUTATION(build_expired_twin, if (c.path.size() > 2) { Cert twin = c.issuer(); twin.from = kLastYear; twin.to = kYear; twin.serial = {0x72}; c.pool.push_back(twin); }),
    MUTATION(build_wrong_key_twin, if (c.path.size() > 2) { Cert twin = c.issuer(); twin.key = "p256-nobody"; twin.serial = {0x73}; c.pool.push_back(twin); }),
    MUTATION(build_constrained_twin, if (c.path.size() > 2) { Cert twin = c.issuer(); twin.subtrees.excluded = {name("DNS:example.test")}; twin.serial = {0x74}; c.pool.push_back(twin); }),
    MUTATION(build_intermediate_anchor, if (c.path.size() > 2) { c.trust_root = false; c.anchors.push_back(c.issuer()); }),
    MUTATION(build_leaf_anchor, c.trust_root = false; c.anchors.push_back(c.leaf())),
    MUTATION(build_self_signed_leaf, c.leaf().issuer = c.leaf().subject; c.leaf().signer = c.leaf().key),
    MUTATION(build_self_issued, if (c.path.size() > 2) { Cert roll = c.issuer(); roll.issuer = roll.subject; roll.signer = c.issuer().key; roll.key = "p256-rollover"; roll.serial = {0x75}; c.issuer().constraints->path_length = 0; c.leaf().signer = "p256-rollover"; c.path.insert(c.path.begin() + 1, roll); }),
    MUTATION(build_trailing_byte, c.leaf().trailing = {0x00}),
};

Case base_case(Random& random) {
  const auto pick = [&](std::size_t below) { return random() % below; };
  const std::size_t intermediates = pick(4) == 0 ? 0 : 1 + pick(2);
  const bool ed25519 = pick(5) == 0;
  const auto key_name = [&](const std::string& role) { return (ed25519 ? "ed-" : "p256-") + role; };
  Case c;
  Cert above;
  for (std::size_t level = 0; level <= intermediates; ++level) {
    const std::string role = level == 0 ? "root" : "inter" + std::to_string(level);
    Cert ca;
    ca.key = key_name(role);
    ca.subject = dn("CN=" + role + ",O=Compare");
    ca.signer = level == 0 ? ca.key : above.key;
    ca.issuer = level == 0 ? ca.subject : above.subject;
    ca.aki = level > 0;
    ca.serial = {0x40, static_cast<std::uint8_t>(level + 1)};
    ca.constraints = BasicConstraints{true, {}};
    ca.usage = KeyUsage{kKeyCertSign, kCrlSign};
    c.path.insert(c.path.begin(), ca);
    above = ca;
  }
  Cert leaf;
  leaf.key = key_name("leaf");
  leaf.subject = dn("CN=leaf");
  leaf.signer = above.key;
  leaf.issuer = above.subject;
  leaf.serial = {0x50};
  leaf.usage = KeyUsage{kDigitalSignature};
  leaf.purposes = {oids::kServerAuth};
  if (pick(2) == 0) leaf.purposes.push_back(oids::kClientAuth);
  leaf.names = {name("DNS:www.example.test")};
  c.path.insert(c.path.begin(), leaf);
  return c;
}

void print_case(std::size_t number, const std::string& mutations, Case& c) {
  std::vector<Bytes> anchors;
  std::vector<Bytes> pool;
  if (c.trust_root) anchors.push_back(c.root().encode());
  for (const Cert& anchor : c.anchors) anchors.push_back(anchor.encode());
  if (c.send_intermediates) {
    for (const Cert& one : c.pool) pool.push_back(one.encode());
    for (std::size_t i = 1; i + 1 < c.path.size(); ++i) pool.push_back(c.path[i].encode());
  }
  std::printf("%zu %s %s %s %zu %zu %s", number, mutations.c_str(), c.host.c_str(),
              c.policy.c_str(), anchors.size(), pool.size(), base64(c.leaf().encode()).c_str());
  for (const Bytes& der : anchors) std::printf(" %s", base64(der).c_str());
  for (const Bytes& der : pool) std::printf(" %s", base64(der).c_str());
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Random random(std::strtoull(argv[1], nullptr, 10));
  const std::size_t count = std::strtoull(argv[2], nullptr, 10);
  for (std::size_t number = 0; number < count; ++number) {
    Case c = base_case(random);
    std::string names;
    // One in eight stays good, one in eight gets two mutations; the first round has each alone.
    const std::size_t all = std::size(kMutations);
    const std::size_t how_many =
        number < all ? 1 : std::vector<std::size_t>{0, 2, 1, 1, 1, 1, 1, 1}[random() % 8];
    for (std::size_t i = 0; i < how_many; ++i) {
      const Mutation& mutation = kMutations[number < all ? number : random() % all];
      mutation.apply(c, random);
      names += (i > 0 ? "," : "") + std::string(mutation.name);
    }
    print_case(number, names.empty() ? "good" : names, c);
  }
}
