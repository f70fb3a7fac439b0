#include "policy/domain_rules.h"

#include "policy/test_request.h"

namespace chancery::policy {
namespace {

using test::role_of;

// Every row was compared with OpenBao 2.7.2, except for the rule, which OpenBao does not name.
struct Row {
  const char* role;
  const char* name;
  const char* rule;  // "": allowed
};

constexpr const char* kSub = "allowed_domains=example.com allow_subdomains";
constexpr const char* kBare = "allowed_domains=example.com allow_bare_domains";
constexpr const char* kGlob =
    "allowed_domains=*.example.com,ftp*.example.net,*@mail.com allow_glob_domains";
constexpr const char* kAny = "allow_any_name";
constexpr const char* kAnyText = "allow_any_name !enforce_hostnames";
constexpr const char* kNoWildcard = "allow_any_name !allow_wildcard_certificates";

constexpr Row kRows[] = {
    // the domain itself
    {kSub, "example.com", "allow_bare_domains"},
    {kBare, "example.com", ""},
    {kBare, "EXAMPLE.com", ""},
    {kBare, "www.example.com", "allow_subdomains"},
    {kBare, "*.example.com", "allow_subdomains"},
    {kBare, "x@example.com", ""},
    {kBare, "x@EXAMPLE.com", ""},
    {kBare, "x@www.example.com", "allow_subdomains"},
    {kBare, "other.com", "allowed_domains"},
    {"", "example.com", "allowed_domains"},
    {"allowed_domains=*.example.com allow_bare_domains", "*.example.com", ""},

    // below the domain
    {kSub, "www.example.com", ""},
    {kSub, "a.b.example.com", ""},
    {kSub, "www.EXAMPLE.com", "allowed_domains"},  // suffixes are compared with case
    {kSub, "*.EXAMPLE.com", ""},
    {kSub, "wwwexample.com", "allowed_domains"},
    {kSub, "example.com.evil.com", "allowed_domains"},
    {kSub, "x@example.com", "allow_bare_domains"},
    {kSub, "x@www.example.com", ""},
    {kSub, ".example.com", "enforce_hostnames"},
    {"allowed_domains=*.example.com allow_subdomains", "a.example.com", "allow_glob_domains"},

    // wildcards
    {kSub, "*.example.com", ""},
    {kSub, "*.www.example.com", ""},
    {kSub, "w*.example.com", ""},
    {kSub, "*w.example.com", ""},
    {kSub, "a*b.example.com", ""},
    {kSub, "**.example.com", "allow_wildcard_certificates"},
    {kSub, "a.*.example.com", "allow_wildcard_certificates"},
    {kSub, "*", "allowed_domains"},
    {kSub, "x@*.example.com", "allow_wildcard_certificates"},
    {kAny, "*", ""},
    {kAny, "*.com", ""},
    {kAny, "*-.com", "enforce_hostnames"},
    {kAny, "-*.com", "enforce_hostnames"},
    {kAny, "a.*", "allow_wildcard_certificates"},
    {kAny, "*.*", "allow_wildcard_certificates"},
    {kAnyText, "*-.com", ""},
    {kAnyText, "a.*", "allow_wildcard_certificates"},
    {kAnyText, ".*", "allow_wildcard_certificates"},
    {kNoWildcard, "*.example.com", "allow_wildcard_certificates"},
    {kNoWildcard, "*", "allow_wildcard_certificates"},
    {kNoWildcard, "www.example.com", ""},

    // globs match the whole name
    {kGlob, "a.example.com", ""},
    {kGlob, "a.b.example.com", ""},
    {kGlob, "example.com", "allowed_domains"},
    {kGlob, "*.example.com", ""},
    {kGlob, "a*.example.com", ""},
    {kGlob, "ftp1.example.net", ""},
    {kGlob, "ftp.x.example.net", ""},
    {kGlob, "x@mail.com", ""},
    {kGlob, "x@a.example.com", ""},
    {"allowed_domains=example.com allow_glob_domains", "example.com", "allow_bare_domains"},

    // localhost
    {"", "localhost", ""},
    {"", "localdomain", ""},
    {"", "*.localhost", ""},
    {"", "x@localhost", ""},
    {"", "LOCALHOST", "allowed_domains"},
    {"", "a.localhost", "allow_subdomains"},
    {"allow_subdomains", "a.localhost", ""},
    {"allow_subdomains", "x@a.localdomain", ""},
    {"!allow_localhost", "localhost", "allow_localhost"},
    {"!allow_localhost allow_subdomains", "localhost", "allow_localhost"},
    {"!allow_localhost allow_subdomains", "a.localhost", "allowed_domains"},

    // host name syntax
    {kAny, "foo bar", "enforce_hostnames"},
    {kAny, "foo_bar.com", "enforce_hostnames"},
    {kAny, "example.com.", "enforce_hostnames"},
    {kAny, "a..b", "enforce_hostnames"},
    {kAny, "::1", "enforce_hostnames"},
    {kAny, "192.168.0.1", ""},
    {kAny,
     "b\xc3\xbc"
     "cher.example",
     "enforce_hostnames"},  // OpenBao converts
    {kAny, "xn--bcher-kva.example", ""},
    {kAnyText, "foo bar", ""},
    {kAnyText, "a..b", ""},
    {"!enforce_hostnames", "foo bar", "allowed_domains"},

    // e-mail addresses
    {kAny, "x@example.com", ""},
    {kAny, "x@y@example.com", "enforce_hostnames"},
    {kAny, "x@", "enforce_hostnames"},            // OpenBao allows
    {kAny, "@example.com", "enforce_hostnames"},  // OpenBao allows
    {kAny, "x@a_b.com", "enforce_hostnames"},
};

TEST_CASE("domain rules") {
  for (const Row& row : kRows) {
    CAPTURE(row.role);
    CAPTURE(row.name);
    CHECK(refusing_rule(role_of(row.role), row.name) == row.rule);
  }
}

TEST_CASE("an empty domain in the list allows nothing") {
  Role role = role_of("allow_subdomains allow_bare_domains allow_glob_domains");
  role.allowed_domains = {""};
  CHECK(refusing_rule(role, "foo") == "allowed_domains");
}

TEST_CASE("common name validations") {
  const Row rows[] = {
      {"allow_any_name cn_validations=email", "x@example.com", ""},
      {"allow_any_name cn_validations=email", "example.com", "cn_validations"},
      {"allow_any_name cn_validations=hostname", "x@example.com", "cn_validations"},
      {"allow_any_name cn_validations=hostname", "example.com", ""},
      {"allow_any_name cn_validations=hostname", "foo bar", "enforce_hostnames"},
      {"allow_any_name cn_validations=", "x@example.com", ""},
      {"cn_validations=disabled", "foo bar", ""},
      {"cn_validations=disabled", "other.com", ""},
      {"cn_validations=disabled", "x@y@z", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.role);
    CAPTURE(row.name);
    CHECK(refusing_rule_for_common_name(role_of(row.role), row.name) == row.rule);
  }
}

}  // namespace
}  // namespace chancery::policy
