#include "policy/evaluate.h"

#include "policy/test_request.h"
#include "x509/oids.h"

namespace chancery::policy {
namespace {

using namespace test;

constexpr std::string_view kNoCommonName =
    "the common_name field is required, or must be provided in a CSR with \"use_csr_common_name\" "
    "set to true, "
    "unless \"require_cn\" is set to false";

TEST_CASE("common names") {
  struct Row {
    const char* role;
    const char* common_name;
    std::string outcome;
  };
  const std::string k64 = std::string(60, 'a') + ".com";
  const std::string k65 = "a" + k64;
  const Row rows[] = {
      {"allow_any_name", "a.com", "ok DNS:a.com"},
      {"allow_any_name", "x@a.com", "ok email:x@a.com"},
      {"allow_any_name", "*.a.com", "ok DNS:*.a.com"},
      {"allow_any_name", "*", "ok"},
      {"allow_any_name", "w*.a.com", "ok"},
      {"allow_any_name", "", std::string(kNoCommonName)},
      {"allow_any_name", "foo bar", "common name foo bar not allowed by this role"},
      {"allow_any_name", "a..b", "idna: invalid label \"a..b\""},
      {"allow_any_name",
       "b\xc3\xbc"
       "cher.de",
       "idna: invalid label \"b\xc3\xbc"
       "cher\""},
      {"allow_any_name", "xn--bcher-kva.de", "ok DNS:xn--bcher-kva.de"},
      {"allow_any_name", "XN--Bcher-KVA.de", "ok DNS:XN--Bcher-KVA.de"},
      {"allow_any_name", "xn--a.de", "idna: invalid label \"xn--a\""},
      {"allow_any_name !enforce_hostnames", "xn--a.de", "idna: invalid label \"xn--a\""},
      {"allow_any_name", "*.xn--n3h.de", "idna: invalid label \"xn--n3h\""},  // a snowman
      {"allow_any_name", "x@xn--a.de", "idna: invalid label \"xn--a\""},
      {"", "xn--a.de", "common name xn--a.de not allowed by this role"},
      {"cn_validations=disabled", "an xn--a", "ok"},
      {"allow_any_name", "a\nb", "common_name has a value with control characters: \"a\\nb\""},
      {"allow_any_name", k64.c_str(), "ok DNS:" + k64},
      {"allow_any_name", k65.c_str(), "common_name: name attribute is longer than 64 characters"},
      {"allow_any_name !enforce_hostnames", "foo bar", "ok"},
      {"allow_any_name !enforce_hostnames", "Jane M\xc3\xbcller", "ok"},
      {"allow_any_name !enforce_hostnames", "J\xc3\xbcrgen", "ok"},  // no host name for us
      {"allow_any_name !enforce_hostnames", "a..b", "idna: invalid label \"a..b\""},
      {"allow_any_name !require_cn", "",
       "the certificate would name nobody: give a common_name or a subject "
       "alternative name"},
      {"allow_any_name !require_cn organization=Example", "", "ok"},
      {"cn_validations=disabled", "foo bar", "ok"},
      {"cn_validations=disabled", "Jane M\xc3\xbcller", "ok"},
      {"cn_validations=disabled", "foo.bar",
       "subject alternate name foo.bar not allowed by this role"},
      {"cn_validations=disabled", "foo@bar", "email address foo@bar not allowed by this role"},
      {"", "a.com", "common name a.com not allowed by this role"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.role);
    CAPTURE(row.common_name);
    CHECK(outcome(role_of(row.role), request_for(row.common_name)) == row.outcome);
  }
}

TEST_CASE("a common name that is left out of the names is judged all the same") {
  IssueRequest request = request_for("a.com");
  request.exclude_cn_from_sans = true;
  CHECK(outcome(role_of("allow_any_name"), request) == "ok");
  CHECK(outcome(role_of(""), request) == "common name a.com not allowed by this role");
  request.common_name = "a..b";
  CHECK(outcome(role_of("allow_any_name"), request) == "common name a..b not allowed by this role");
  request.common_name =
      "b\xc3\xbc"
      "cher.de";
  CHECK(outcome(role_of("allow_any_name"), request) ==
        "common name b\xc3\xbc"
        "cher.de not allowed by this role");
}

TEST_CASE("A-labels that stand for nothing are refused wherever a name comes from") {
  const Role role = role_of("allow_any_name");
  IssueRequest request = request_for("a.com");
  request.alt_names = {"ok.com", "www.xn--a.de"};
  CHECK(outcome(role, request) == "idna: invalid label \"xn--a\"");
  request = request_for("xn--a.de");
  request.exclude_cn_from_sans = true;
  CHECK(outcome(role, request) == "idna: invalid label \"xn--a\"");
  for (const char* name : {"DNS:www.xn--a.de", "email:x@xn--a.de"}) {
    const auto csr = csr_of("CN=a.com", {name});
    CHECK(outcome(role, request_for(csr)) == "idna: invalid label \"xn--a\"");
  }
}

TEST_CASE("what helps with a refused label stands beside OpenBao's text") {
  const Role role = role_of("allow_any_name");
  const auto foreign = decide(role, request_for("b\xc3\xbc"
                                                "cher.de"));
  CHECK(where(foreign.error(), "hint") == "write \"xn--bcher-kva\"");
  CHECK(where(foreign.error(), "rule") == "enforce_hostnames");
  const auto undecodable = decide(role, request_for("xn--a.de"));
  CHECK(where(undecodable.error(), "hint").starts_with("the label stands for no name"));
  CHECK(where(undecodable.error(), "rule") == "idna");
  CHECK(where(undecodable.error(), "field") == "common_name");
  CHECK(where(decide(role, request_for("a..b")).error(), "hint").empty());
}

TEST_CASE("refusals name the field and the rule") {
  const auto refused =
      decide(role_of("allowed_domains=a.com allow_bare_domains"), request_for("www.a.com"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::kRefused);
  CHECK(where(refused.error(), "field") == "common_name");
  CHECK(where(refused.error(), "rule") == "allow_subdomains");
  const auto missing = decide(role_of(""), request_for(""));
  CHECK(missing.error().code == Code::kInvalidArgument);
  CHECK(where(missing.error(), "rule") == "require_cn");
}

TEST_CASE("the order of checks is OpenBao's") {
  Role role = role_of("allowed_domains=a.com allow_bare_domains !allow_ip_sans max_ttl=1h");
  IssueRequest request = request_for("other.com");
  request.serial_number = "7";
  request.alt_names = {"b.com", "x@b.com"};
  request.other_sans = {"bad"};
  request.ip_sans = {"1.2.3.4"};
  request.uri_sans = {"spiffe://a/b"};
  request.user_ids = {"u"};
  request.ttl = seconds{60};
  request.not_after = kNow + seconds{60};
  role.key_type = RoleKeyType::kRsa;
  CHECK(outcome(role, request) == "role requires keys of type rsa");
  role.key_type = RoleKeyType::kEc;
  CHECK(outcome(role, request) == "common name other.com not allowed by this role");
  request.common_name = "a.com";
  CHECK(outcome(role, request) == "serial_number 7 not allowed by this role");
  request.serial_number.clear();
  CHECK(outcome(role, request) == "subject alternate name b.com not allowed by this role");
  request.alt_names = {"x@b.com"};
  CHECK(outcome(role, request) == "email address x@b.com not allowed by this role");
  request.alt_names.clear();
  CHECK(outcome(role, request) ==
        "could not parse requested other SAN: expected a semicolon in other SAN \"bad\"");
  request.other_sans.clear();
  CHECK(outcome(role, request) ==
        "IP Subject Alternative Names are not allowed in this role, but was provided via the API");
  request.ip_sans.clear();
  CHECK(
      outcome(role, request) ==
      "URI Subject Alternative Names are not allowed in this role, but were provided via the API");
  request.uri_sans.clear();
  CHECK(outcome(role, request) ==
        "Either ttl or not_after should be provided. Both should not be provided in the same "
        "request.");
  request.ttl.reset();
  CHECK(outcome(role, request) == "user_id u is not allowed by this role");
  request.user_ids.clear();
  CHECK(outcome(role, request) == "ok DNS:a.com");
}

TEST_CASE("names of a CSR count instead of those of the API") {
  const auto csr = csr_of("CN=a.com", {"DNS:b.com", "DNS:c.com", "email:x@y.com", "IP:1.2.3.4"});
  IssueRequest request = request_for(csr);
  const std::string from_csr = "ok DNS:b.com DNS:c.com DNS:a.com email:x@y.com IP:1.2.3.4";
  CHECK(outcome(role_of("allow_any_name"), request) == from_csr);
  CHECK(outcome(role_of("allow_any_name !use_csr_sans"), request) == "ok DNS:a.com");
  CHECK(outcome(role_of("allow_any_name !use_csr_common_name"), request) == kNoCommonName);
  CHECK(outcome(role_of("allow_any_name !allow_ip_sans"), request) ==
        "IP Subject Alternative Names are not allowed in this role, but was provided via CSR");
  CHECK(outcome(role_of("allow_any_name allowed_ip_sans_cidr=10.0.0.0/8"), request) ==
        "the IP address \"1.2.3.4\" is not allowed in this role");
  CHECK(outcome(role_of("allowed_domains=a.com,b.com allow_bare_domains"), request) ==
        "subject alternate name c.com not allowed by this role");

  request.common_name = "z.com";
  request.alt_names = {"w.com"};
  request.ip_sans = {"9.9.9.9"};
  const auto decision = decide(role_of("allow_any_name max_ttl=1h"), request);
  REQUIRE(decision.has_value());
  CHECK("ok " + names_of(decision->authorization.content()) == from_csr);
  CHECK(
      decision->warnings ==
      std::vector<std::string>{
          "the common_name field was provided but the role is set with \"use_csr_common_name\" set "
          "to true",
          "the alt_names field was provided but the role is set with \"use_csr_sans\" set to true",
          "TTL \"768h0m0s\" is longer than permitted maxTTL \"1h0m0s\", so maxTTL is being used"});
  CHECK(outcome(role_of("allow_any_name !use_csr_common_name"), request) ==
        "ok DNS:b.com DNS:c.com DNS:z.com email:x@y.com IP:1.2.3.4");
  CHECK(outcome(role_of("allow_any_name !use_csr_sans"), request) ==
        "ok DNS:a.com DNS:w.com IP:9.9.9.9");
}

TEST_CASE("names that only a CSR can hold") {
  const Role role = role_of("allow_any_name allowed_other_sans=*");
  struct Row {
    const char* name;
    const char* outcome;
  };
  const Row rows[] = {
      {"DNS:a_b.com", "subject alternate name a_b.com not allowed by this role"},
      {"DNS:b.com.", "subject alternate name b.com. not allowed by this role"},
      {"DNS:b@c.com", "subject alternate name b@c.com not allowed by this role"},  // OpenBao allows
      {"email:nobody", "email address nobody not allowed by this role"},           // OpenBao allows
      {"URI:spiffe://a/b",
       "URI Subject Alternative Names are not allowed in this role, but were provided via CSR"},
      {"UPN:x@y", "ok UPN:x@y DNS:a.com"},
      {"RID:1.2.3", "ok DNS:a.com"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto csr = csr_of("CN=a.com", {row.name});
    CHECK(outcome(role, request_for(csr)) == row.outcome);
  }
  const auto csr = csr_of("CN=a.com", {"URI:spiffe://a/b"});
  CHECK(outcome(role_of("allow_any_name allowed_uri_sans=x"), request_for(csr)) ==
        "URI Subject Alternative Names were provided via CSR which are not valid for this role");
  CHECK(outcome(role_of("allow_any_name allowed_uri_sans=spiffe://*"), request_for(csr)) ==
        "ok DNS:a.com URI:spiffe://a/b");
}

TEST_CASE("what a CSR says of its subject") {
  const auto csr = csr_of("C=DE,O=Other,CN=a.com,serialNumber=77,UID=me,UID=you");
  IssueRequest request = request_for(csr);
  CHECK(outcome(role_of("allow_any_name"), request) == "serial_number 77 not allowed by this role");
  CHECK(outcome(role_of("allow_any_name allowed_serial_numbers=7*"), request) ==
        "user_id you is not allowed by this role");
  const Role role = role_of("allow_any_name allowed_serial_numbers=* allowed_user_ids=*");
  const auto subject = [&] {
    return decide(role, request)->authorization.content().subject.to_string();
  };
  CHECK(subject() == "UID=me,UID=you,serialNumber=77,CN=a.com");
  request.serial_number = "88";
  request.user_ids = {"api"};
  CHECK(subject() == "UID=api,serialNumber=88,CN=a.com");
  const auto two_names = csr_of("CN=last.com,CN=first.com");
  CHECK(outcome(role, request_for(two_names)) == "ok DNS:last.com");
  const auto no_name = csr_of("O=x", {"DNS:b.com"});
  CHECK(outcome(role, request_for(no_name)) == kNoCommonName);
  CHECK(outcome(role_of("allow_any_name !require_cn"), request_for(no_name)) == "ok DNS:b.com");
}

TEST_CASE("basic constraints of a CSR are left out, with a warning") {
  const auto csr = csr_of("CN=a.com", {}, "p256", x509::BasicConstraints{true, {}});
  const auto decision = decide(role_of("allow_any_name"), request_for(csr));
  CHECK(decision->warnings ==
        std::vector<std::string>{"specified CSR contained a Basic Constraints extension "
                                 "that was ignored during issuance"});
  CHECK_FALSE(decision->authorization.content().basic_constraints.has_value());
  const auto stated =
      decide(role_of("allow_any_name basic_constraints_valid_for_non_ca"), request_for(csr));
  CHECK(stated->warnings.empty());
  CHECK(stated->authorization.content().basic_constraints == x509::BasicConstraints{false, {}});
}

TEST_CASE("the subject has the role's attributes in Go's order") {
  IssueRequest request = request_for("a.com");
  request.serial_number = "s1";
  request.user_ids = {"u1", "u2"};
  Role role = role_of(
      "allow_any_name ou=b,a,b organization=Ex country=DE locality=L province=P street_address=S "
      "postal_code=123 "
      "allowed_serial_numbers=s1 allowed_user_ids=U1,u*");
  CHECK(decide(role, request)->authorization.content().subject.to_string() ==
        "UID=u2,UID=u1,serialNumber=s1,CN=a.com,OU=a+OU=b,O=Ex,postalCode=123,STREET=S,L=L,ST=P,C="
        "DE");
  role.ou = {"", " x "};
  role.allowed_user_ids = {"u1"};
  CHECK(outcome(role, request) == "user_id u2 is not allowed by this role");
}

TEST_CASE("keys") {
  struct Row {
    const char* role;
    const char* key;
    const char* outcome;
  };
  const Row rows[] = {
      {"key_type=rsa key_bits=2048", "p256", "role requires keys of type rsa"},
      {"key_type=rsa key_bits=2048", "rsa2048", "ok DNS:a.com"},
      {"key_type=rsa key_bits=3072", "rsa2048",
       "role requires a minimum of a 3072-bit key, but CSR's key is 2048 bits"},
      {"key_type=ec key_bits=256", "p384", "ok DNS:a.com"},
      {"key_type=ec key_bits=384", "p256",
       "role requires a minimum of a 384-bit key, but CSR's key is 256 bits"},
      {"key_type=ec key_bits=256", "ed25519", "role requires keys of type ec"},
      {"key_type=ed25519 key_bits=0", "ed25519", "ok DNS:a.com"},
      {"key_type=ed25519 key_bits=0", "p256", "role requires keys of type ed25519"},
      {"key_type=mldsa key_bits=65", "ml-dsa-44",
       "role requires a minimum of a 65-bit key, but CSR's key is 44 bits"},
      {"key_type=mldsa key_bits=65", "ml-dsa-87", "ok DNS:a.com"},
      {"key_type=mldsa key_bits=44", "p256", "role requires keys of type mldsa"},
      {"key_type=any key_bits=4096", "p256", "ok DNS:a.com"},
      {"key_type=any key_bits=4096", "rsa2048", "ok DNS:a.com"},
      {"key_type=any key_bits=0", "ml-dsa-44", "ok DNS:a.com"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.role);
    CAPTURE(row.key);
    const auto csr = csr_of("CN=a.com", {}, row.key);
    CHECK(outcome(role_of(std::string("allow_any_name ") + row.role), request_for(csr)) ==
          row.outcome);
  }
  IssueRequest weak;
  weak.common_name = "a.com";
  weak.generated_key = weak_key();
  const auto refused = decide(role_of("allow_any_name"), weak);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Code::kRefused);
  CHECK(refused.error().detail == "the key is weak: RFC 9500 publishes its private half");
  CHECK(where(refused.error(), "rule") == "weak_key");
  IssueRequest neither;
  CHECK(outcome(role_of("allow_any_name"), neither) ==
        "a request needs either a csr or a generated key");
}

TEST_CASE("keys that the server makes") {
  struct Row {
    const char* role;
    const char* type;
    unsigned bits;
    const char* outcome;
  };
  const Row rows[] = {
      {"key_type=rsa key_bits=3072", "", 0, "RSA-3072"},
      {"key_type=ec key_bits=384", "rsa", 2048, "ECDSA P-384"},  // the role's own type counts
      {"key_type=ed25519 key_bits=0", "", 0, "Ed25519"},
      {"key_type=mldsa key_bits=65", "", 0, "ML-DSA-65"},
      {"key_type=any key_bits=0", "rsa", 0, "RSA-2048"},
      {"key_type=any key_bits=0", "ec", 384, "ECDSA P-384"},
      {"key_type=any key_bits=384", "ec", 0, "ECDSA P-384"},
      {"key_type=any key_bits=0", "mldsa", 0, "ML-DSA-44"},
      {"key_type=any key_bits=0", "", 0,
       "role key type \"any\" not allowed for issuing certificates without providing key_type "
       "and/or key_bits "
       "request parameters"},
      {"key_type=any key_bits=0", "any", 0, "unknown key type: any"},
      {"key_type=any key_bits=0", "x", 0, "unknown key type x"},
      {"key_type=any key_bits=0", "ec", 1,
       "failed to validate role: unsupported bit length for EC key: 1"},
      {"key_type=any key_bits=384", "rsa", 0,
       "failed to validate role: RSA keys < 2048 bits are unsafe and not supported: got 384"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.role);
    CAPTURE(row.type);
    const auto type = generated_key_type(compile(role_of(row.role)).value(), row.type, row.bits);
    CHECK((type ? crypto::to_string(*type) : type.error().detail) == row.outcome);
  }
}

TEST_CASE("an authorization says who and carries the role's profile") {
  Role role = role_of(
      "allow_any_name no_store use_pss signature_bits=384 policy_identifiers=1.2.3 "
      "key_usage=certsign");
  const auto decision = decide(role, request_for("a.com"));
  REQUIRE(decision.has_value());
  const CertificateContent& content = decision->authorization.content();
  CHECK(decision->authorization.actor() == grant().actor());
  CHECK(decision->authorization.scope().mount == "pki/");
  CHECK(content.profile == "web");
  CHECK(content.public_key->spki().data() == key_of("p256").spki().data());
  CHECK(content.no_store);
  CHECK(content.use_pss);
  CHECK(content.signature_bits == 384);
  CHECK(content.policies.size() == 1);
  CHECK(content.key_usage == x509::KeyUsage{x509::KeyUsageBit::kKeyCertSign});
  CHECK(content.extended_key_usage ==
        std::vector<asn1::Oid>{x509::oids::kServerAuth, x509::oids::kClientAuth});
}

}  // namespace
}  // namespace chancery::policy
