#include "policy/role.h"

#include "policy/test_request.h"

namespace chancery::policy {
namespace {

using namespace test;

std::string checked(Role role) {
  const auto warnings = check_role(role, {});
  return warnings ? "ok" : warnings.error().detail;
}

TEST_CASE("roles that cannot be stored") {
  struct Row {
    const char* role;
    const char* outcome;
    const char* field = "";
  };
  const Row rows[] = {
      {"ttl=2h max_ttl=1h", "\"ttl\" value must be less than \"max_ttl\" value", "ttl"},
      {"ttl=2h max_ttl=2h", "ok"},
      {"ttl=-1s", "cannot provide negative value '-1'", "ttl"},
      {"key_type=rsa key_bits=1024", "RSA keys < 2048 bits are unsafe and not supported: got 1024",
       "key_bits"},
      {"key_type=rsa key_bits=2049", "unsupported bit length for RSA key: 2049", "key_bits"},
      {"key_type=ec key_bits=100", "unsupported bit length for EC key: 100", "key_bits"},
      {"key_type=ec key_bits=224", "unsupported bit length for EC key: 224",
       "key_bits"},  // OpenBao stores it
      {"key_type=mldsa key_bits=50", "unsupported bit length for ML-DSA key: 50", "key_bits"},
      {"signature_bits=100", "unsupported hash signature algorithm: 100", "signature_bits"},
      {"allowed_other_sans=1.2.3",
       "error parsing allowed_other_sans: expected a semicolon in other SAN \"1.2.3\"",
       "allowed_other_sans"},
      {"allowed_other_sans=*,1.2.3;UTF8:x",
       "error parsing allowed_other_sans: expected a semicolon in other SAN \"*\"",
       "allowed_other_sans"},
      {"allowed_other_sans=*", "ok"},
      {"allowed_ip_sans_cidr=10.0.0.1",
       "error parsing allowed_ip_sans_cidr: invalid CIDR address: 10.0.0.1",
       "allowed_ip_sans_cidr"},
      {"ext_key_usage_oids=1.2.3,x",
       "\"x\" could not be parsed as a valid oid for an extended key usage", "ext_key_usage_oids"},
      {"policy_identifiers=foo",
       "policy identifier \"foo\" is neither an OID nor a JSON policy identifier",
       "policy_identifiers"},
      {"cn_validations=foo", "cn_validations value incorrect: unknown type: `foo`",
       "cn_validations"},
      {"cn_validations=email,email",
       "cn_validations value incorrect: `email` specified multiple times", "cn_validations"},
      {"cn_validations=disabled,email",
       "cn_validations value incorrect: cannot specify `disabled` along with `email` or `hostname`",
       "cn_validations"},
      {"not_after_bound=x",
       "Unknown value for field `not_after_bound`. Possible values are `permit`, `ttl-limited`, "
       "`forbid`, or an "
       "explicit timestamp.",
       "not_after_bound"},
      {"not_after=x",
       "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\"",
       "not_after"},
      {"country=Germany", "country: country is not a code of two letters", "country"},
      {"ou=a\tb", "ou has a value with control characters: \"a\\tb\"", "ou"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.role);
    Role role = role_of(row.role);
    const auto warnings = check_role(role, {});
    CHECK((warnings ? "ok" : warnings.error().detail) == row.outcome);
    if (!warnings) {
      CHECK(warnings.error().code == Code::kInvalidArgument);
      CHECK(where(warnings.error(), "field") == row.field);
    }
  }
  Role crowded = role_of("");
  crowded.allowed_domains.assign(10'001, "a");
  CHECK(checked(crowded) == "allowed_domains has more than 10000 entries");
}

TEST_CASE("key sizes are resolved") {
  struct Row {
    const char* role;
    unsigned key_bits;
  };
  const Row rows[] = {
      {"key_type=rsa key_bits=0", 2048},  {"key_type=rsa key_bits=4096", 4096},
      {"key_type=ec key_bits=0", 256},    {"key_type=ec key_bits=384", 384},
      {"key_type=ed25519 key_bits=0", 0}, {"key_type=mldsa key_bits=0", 44},
      {"key_type=mldsa key_bits=87", 87}, {"key_type=any key_bits=0", 0},
      {"key_type=any key_bits=384", 384},
  };
  for (const Row& row : rows) {
    CAPTURE(row.role);
    Role role = role_of(row.role);
    CHECK(check_role(role, {}).has_value());
    CHECK(role.key_bits == row.key_bits);
    CHECK(role.signature_bits == 0);
  }
  CHECK(parse_role_key_type("foo").error().detail == "unknown key type foo");
  CHECK(parse_role_key_type("RSA").error().detail == "unknown key type RSA");
  CHECK(parse_not_before_bound("x").error().detail ==
        "Unknown value for field `not_before_bound`. Possible values are `permit` `duration` or "
        "`forbid`");
}

TEST_CASE("other values are brought into their normal form") {
  Role role =
      role_of("cn_validations=EMAIL allowed_ip_sans_cidr=10.0.0.5/8 issuer_ref= not_after_bound=");
  CHECK(check_role(role, {}).has_value());
  CHECK(role.cn_validations == std::vector<std::string>{"email"});
  CHECK(role.allowed_ip_sans_cidr == std::vector<std::string>{"10.0.0.0/8"});
  CHECK(role.issuer_ref == "default");
  CHECK(role.not_after_bound == "permit");
  role.cn_validations.clear();
  CHECK(check_role(role, {}).has_value());
  CHECK(role.cn_validations == std::vector<std::string>{"email", "hostname"});
}

TEST_CASE("warnings about roles") {
  Role role = role_of("generate_lease");
  CHECK(check_role(role, {}).value() ==
        std::vector<std::string>{
            "it is encouraged to disable generate_lease and rely on PKI's native capabilities when "
            "possible; this option can cause instance-wide issues with large numbers of issued "
            "certificates"});
  CHECK(role.generate_lease);
  role = role_of("generate_lease no_store");
  CHECK(check_role(role, {}).value() ==
        std::vector<std::string>{
            "mutually exclusive values no_store=true and generate_lease=true were both specified; "
            "no_store=true takes priority"});
  CHECK_FALSE(role.generate_lease);
  role = role_of("no_store");
  CHECK(check_role(role, {}).value().empty());
  role = role_of("ttl=769h");
  CHECK(check_role(role, {}).value() ==
        std::vector<std::string>{
            "the role's ttl 769h0m0s is longer than the mount's maximum 768h0m0s, which its "
            "certificates will get instead"});
}

TEST_CASE("the codec keeps every field") {
  Role role = role_of(
      "issuer_ref=int ttl=1h max_ttl=2h not_before_duration=1m not_before=2026-01-01T00:00:00Z "
      "not_after=2027-01-01T00:00:00Z not_before_bound=forbid not_after_bound=forbid "
      "!allow_localhost "
      "allowed_domains=a.com,b.com allow_bare_domains !require_cn key_type=mldsa key_bits=65 "
      "use_pss "
      "key_usage= policy_identifiers=1.2.3 ou=x no_store");
  role.organization = {"a \"quoted\" \xc3\xbc,\n"};
  const Bytes stored = encode(role);
  const Role read = parse_role(stored).value();
  CHECK(encode(read) == stored);
  CHECK(read.name == "web");
  CHECK(read.ttl == seconds{3600});
  CHECK(read.not_before_bound == NotBeforeBound::kForbid);
  CHECK(read.key_type == RoleKeyType::kMlDsa);
  CHECK(read.key_usage.empty());
  CHECK(read.organization == role.organization);
  CHECK(as_text(stored).find("\"allow_glob_domains\":false") != std::string_view::npos);
  CHECK(encode(parse_role(encode(Role{})).value()) == encode(Role{}));
}

TEST_CASE("the codec ignores nothing") {
  for (const char* bad : {"", "[]", "{", "{\"colour\":1}", "{\"ttl\":\"1h\"}", "{\"ttl\":1.5}",
                          "{\"allow_any_name\":1}", "{\"key_bits\":-1}", "{\"key_type\":\"dsa\"}",
                          "{\"ou\":\"x\"}", "{\"ou\":[1]}", "{\"name\":null}", "{} x"}) {
    CAPTURE(bad);
    const auto role = parse_role(as_bytes(bad));
    REQUIRE_FALSE(role.has_value());
    CHECK(role.error().code == Code::kDataLoss);
  }
}

}  // namespace
}  // namespace chancery::policy
