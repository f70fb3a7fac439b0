#include <doctest/doctest.h>

#include "access/acl.h"
#include "base/text.h"

namespace chancery::access {
namespace {

std::shared_ptr<const Policy> policy(std::string_view text, std::string name = "p") {
  auto parsed = parse_policy(std::move(name), text);
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().to_string()));
  return std::make_shared<const Policy>(*std::move(parsed));
}

std::shared_ptr<const Acl> acl(std::string_view text) {
  const auto one = policy(text);
  return Acl::compile({&one, 1});
}

bool allows(const Acl& acl, Action action, std::string path,
            std::span<const Parameter> parameters = {}) {
  return acl.allows(action, {{"root", ""}, std::move(path), parameters, false});
}

std::string capabilities(const Acl& acl, std::string_view path) {
  return join(acl.capabilities(path), ",");
}

TEST_CASE("HCL and JSON say the same") {
  const auto hcl = acl(R"(
    name = "both"
    # a comment
    path "pki/issue/web" { capabilities = ["update", "create",] } // another
    /* and a third */
    path "pki/roles/*" {
      capabilities = ["read", "list"]
      allowed_parameters = { "ttl" = ["1h", 3600], "*" = [] }
    })");
  const auto json = acl(R"({"path": {
    "pki/issue/web": {"capabilities": ["update", "create"]},
    "pki/roles/*": {"capabilities": ["read", "list"],
                    "allowed_parameters": {"ttl": ["1h", 3600], "*": []}}}})");
  for (const auto& one : {hcl, json}) {
    CHECK(capabilities(*one, "pki/issue/web") == "create,update");
    CHECK(capabilities(*one, "pki/roles/a") == "list,read");
    CHECK(capabilities(*one, "pki/roles") == "deny");
    CHECK(allows(*one, Action::kUpdate, "pki/issue/web"));
    CHECK_FALSE(allows(*one, Action::kDelete, "pki/issue/web"));
    CHECK_FALSE(allows(*one, Action::kUpdate, "pki/issue/web2"));
  }
}

TEST_CASE("what is no policy is refused with the place") {
  struct Row {
    std::string_view text;
    std::string_view error;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"path \"a\" { capabilities = [\"fly\"] }",
            "failed to parse policy: path \"a\": path \"a\": invalid capability \"fly\" "
            "(field=policy)"},
           {"path \"a\" {\n  capability = [\"read\"] }",
            "failed to parse policy: path \"a\": 1 error occurred:\n\t* invalid key \"capability\" "
            "on "
            "line 2\n\n (field=policy)"},
           {"paths \"a\" {}",
            "failed to parse policy: 1 error occurred:\n\t* invalid key \"paths\" on line 1\n\n "
            "(field=policy)"},
           {"path \"a+*\" {}",
            "failed to parse policy: path \"a+*\": path \"a+*\": invalid use of wildcards ('+*' is "
            "forbidden) "
            "(field=policy)"},
           {"path \"a\" { policy = \"all\" }",
            "failed to parse policy: path \"a\": path \"a\": invalid policy \"all\" "
            "(field=policy)"},
           {"path \"a\" {",
            "failed to parse policy: object expected closing RBRACE got: EOF "
            "(line=1)"},
           {"path \"a", "failed to parse policy: literal not terminated (line=1)"},
           {"\n\npath \"a\" { capabilities = <<E\nE\n}",
            "failed to parse policy: heredocs are not read; write the text in double quotes "
            "(line=3)"},
           {"path \"a\" { capabilities = \"read\" }",
            "failed to parse policy: path \"a\": 1 error occurred:\n\t* capabilities must be a "
            "list of "
            "names on line 1\n\n (field=policy)"},
           {R"({"path": {"a": {}}} x)",
            "failed to parse policy: text after the end of the document (line=1)"},
           {R"({"path": {"a": null}})",
            "failed to parse policy: expected a value: text in double quotes, a number, true, "
            "false, [ or { (line=1)"},
           {"path \"\\ud800\" {}", "failed to parse policy: text is not UTF-8 (line=1)"},
       }) {
    CAPTURE(row.text);
    const auto parsed = parse_policy("p", row.text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().to_string() == row.error);
  }
  CHECK(parse_policy("p", std::string(600 * 1024, ' ')).error().code == Code::kTooLarge);
  std::string deep = "a = ";
  deep.append(100'000, '[');
  CHECK(parse_policy("p", deep).error().code == Code::kTooLarge);
}

TEST_CASE("the most specific pattern decides") {
  const auto a = acl(R"(
    path "secret/*"        { capabilities = ["read"] }
    path "secret/teams/*"  { capabilities = ["update"] }
    path "secret/teams/a"  { capabilities = ["delete"] }
    path "secret/+/b"      { capabilities = ["list"] }
    path "secret/+/+/c"    { capabilities = ["sudo"] }
    path "secret/x/+/c"    { capabilities = ["patch"] }
    path "secret/+/c*"     { capabilities = ["sudo"] }
    path "other/+/c*"      { capabilities = ["create"] }
    path "+/d"             { capabilities = ["scan"] })");
  CHECK(capabilities(*a, "secret/") == "read");
  CHECK(capabilities(*a, "secret/q") == "read");
  CHECK(capabilities(*a, "secret/teams/q") == "update");
  CHECK(capabilities(*a, "secret/teams/a") == "delete");
  // The prefix's '*' comes later than the other's '+'.
  CHECK(capabilities(*a, "secret/teams/b") == "update");
  CHECK(capabilities(*a, "secret/other/b") == "list");
  CHECK(capabilities(*a, "secret/x/y/c") == "patch");
  CHECK(capabilities(*a, "secret/y/y/c") == "sudo");
  // Both '*' and '+' stand at the same place and both end in '*': fewer '+' win.
  CHECK(capabilities(*a, "secret/y/cc/dd") == "read");
  CHECK(capabilities(*a, "other/y/cc/dd/") == "create");
  CHECK(capabilities(*a, "any/d") == "scan");
  CHECK(capabilities(*a, "any/e") == "deny");
  CHECK(capabilities(*a, "") == "deny");
}

TEST_CASE("lists are asked for with a slash at the end") {
  const auto a = acl(R"(
    path "pki/roles"  { capabilities = ["list"] }
    path "pki/certs/" { capabilities = ["list"] }
    path "x/+"        { capabilities = ["list"] }
    path "y/+/"       { capabilities = ["list"] })");
  CHECK(allows(*a, Action::kList, "pki/roles/"));
  CHECK(allows(*a, Action::kList, "pki/certs/"));
  CHECK_FALSE(allows(*a, Action::kRead, "pki/roles/"));
  CHECK_FALSE(allows(*a, Action::kList, "x/a/"));
  CHECK(allows(*a, Action::kList, "y/a/"));
}

TEST_CASE("policies add up, and deny wins") {
  const std::vector both{policy(R"(path "a" { capabilities = ["read"] }
                                   path "b" { capabilities = ["read"] })"),
                         policy(R"(path "a" { capabilities = ["update"] }
                                   path "b" { capabilities = ["deny"] })")};
  const auto a = Acl::compile(both);
  CHECK(capabilities(*a, "a") == "read,update");
  CHECK(capabilities(*a, "b") == "deny");
  CHECK_FALSE(allows(*a, Action::kRead, "b"));
  CHECK_FALSE(a->is_root());
  const std::vector root{policy("", "root")};
  CHECK(allows(*Acl::compile(root), Action::kSudo, "anything"));
  CHECK(capabilities(*Acl::compile(root), "anything") == "root");
}

TEST_CASE("sudo paths need sudo") {
  const auto a = acl(R"(path "a" { capabilities = ["update"] }
                        path "b" { capabilities = ["update", "sudo"] })");
  CHECK_FALSE(a->allows(Action::kUpdate, {{}, "a", {}, true}));
  CHECK(a->allows(Action::kUpdate, {{}, "b", {}, true}));
}

TEST_CASE("parameters are allowed, denied and required") {
  const auto a = acl(R"(
    path "issue" {
      capabilities = ["update"]
      required_parameters = ["common_name"]
      allowed_parameters = { "common_name" = ["*.example.com"], "TTL" = [] }
    }
    path "not" {
      capabilities = ["update"]
      denied_parameters = { "ttl" = ["8760h"], "private_key_format" = [] }
    }
    path "none" { capabilities = ["update"]  denied_parameters = { "*" = [] } }
    path "rest" { capabilities = ["update"]  allowed_parameters = { "ttl" = ["1h"], "*" = [] } })");
  const auto with = [&](std::string path, std::vector<Parameter> parameters) {
    return allows(*a, Action::kUpdate, std::move(path), parameters);
  };
  CHECK(with("issue", {{"common_name", "a.example.com"}, {"ttl", "1h"}}));
  CHECK_FALSE(with("issue", {{"common_name", "a.example.org"}}));
  CHECK_FALSE(with("issue", {{"ttl", "1h"}}));
  CHECK_FALSE(with("issue", {}));
  CHECK_FALSE(with("issue", {{"common_name", "a.example.com"}, {"alt_names", "b"}}));
  CHECK_FALSE(with("issue", {{"common_name", "a.example.com"}, {"common_name", "b"}}));
  CHECK(with("not", {{"ttl", "1h"}}));
  CHECK_FALSE(with("not", {{"TTL", "8760h"}}));
  CHECK_FALSE(with("not", {{"private_key_format", ""}}));
  CHECK(with("none", {}));
  CHECK_FALSE(with("none", {{"a", "b"}}));
  CHECK(with("rest", {{"ttl", "1h"}, {"other", "x"}}));
  CHECK_FALSE(with("rest", {{"ttl", "2h"}}));
}

TEST_CASE("rules that cannot be kept close, and a warning says so") {
  std::vector<std::string> warnings;
  const auto parsed = parse_policy("p", R"(
    path "users/{{identity.entity.id}}/*" { capabilities = ["read"] }
    path "wrapped" { capabilities = ["read"]  min_wrapping_ttl = "1s" })",
                                   &warnings);
  CHECK(warnings.size() == 2);
  const auto one = std::make_shared<const Policy>(parsed.value());
  const auto a = Acl::compile({&one, 1});
  CHECK(capabilities(*a, "users/{{identity.entity.id}}/x") == "deny");
  CHECK(capabilities(*a, "wrapped") == "deny");
}

TEST_CASE("whether anything in a mount is allowed") {
  const auto a = acl(R"(
    path "exact/issue/web" { capabilities = ["update"] }
    path "prefix/*" { capabilities = ["read"] }
    path "part-of-*" { capabilities = ["read"] }
    path "seg/+/x" { capabilities = ["read"] }
    path "+/crl" { capabilities = ["read"] }
    path "denied/*" { capabilities = ["deny"] })");
  for (const char* mount : {"exact/", "exact/issue/", "prefix/", "prefix/deep/", "part-of-it/",
                            "seg/", "seg/any/", "other/"}) {
    CAPTURE(mount);
    CHECK(a->reaches(mount));
  }
  const auto few = acl(R"(path "a/b" { capabilities = ["read"] }
                          path "seg/+/x" { capabilities = ["read"] }
                          path "denied/*" { capabilities = ["deny"] })");
  for (const char* mount : {"a/b/", "b/", "denied/", "seg/any/y/", "segment/"}) {
    CAPTURE(mount);
    CHECK_FALSE(few->reaches(mount));
  }
}

}  // namespace
}  // namespace chancery::access
