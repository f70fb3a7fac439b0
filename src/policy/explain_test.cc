#include "policy/explain.h"

#include <algorithm>

#include "policy/profile.h"
#include "policy/test_request.h"

namespace chancery::policy {
namespace {

using namespace test;

TEST_CASE("explain refuses what evaluate refuses, for the same reason, and nothing else") {
  for (const char* line :
       {"allow_any_name", "", "allowed_domains=a.com allow_subdomains",
        "allow_any_name !allow_ip_sans", "allow_any_name allowed_uri_sans=https://*",
        "allow_any_name max_ttl=1h", "!require_cn", "allow_any_name allowed_serial_numbers=s*",
        "allow_any_name key_type=rsa key_bits=2048", "allow_any_name allowed_user_ids=u*",
        "allow_any_name not_after_bound=forbid"}) {
    const auto compiled = compile(role_of(line)).value();
    for (const char* name : {"a.com", "b.a.com", "*.a.com", "", "x@a.com", "a b", "xn--a.com"}) {
      for (int more = 0; more < 8; ++more) {
        IssueRequest request = request_for(name);
        if (more == 1) request.alt_names = {"b.org"};
        if (more == 2) request.ip_sans = {"10.0.0.1"};
        if (more == 3) request.uri_sans = {"https://a.b"};
        if (more == 4) request.serial_number = "s1";
        if (more == 5) request.ttl = seconds{7200};
        if (more == 6) request.user_ids = {"u1"};
        if (more == 7) request.not_after = kNow + seconds{7200};
        CAPTURE(line);
        CAPTURE(name);
        CAPTURE(more);
        const auto decision = evaluate(grant(), compiled, request, issuer(), kNow);
        const auto explained = explain(grant(), compiled, request, issuer(), kNow);
        CHECK(explained.allowed() == decision.has_value());
        const auto refusal =
            std::ranges::find(explained.findings, Finding::Verdict::kRefuses, &Finding::verdict);
        REQUIRE((refusal == explained.findings.end()) == decision.has_value());
        if (decision) {
          CHECK(explained.warnings == decision->warnings);
          CHECK(explained.content->not_after == decision->authorization.content().not_after);
        } else {
          CHECK(refusal->detail == decision.error().detail);
          CHECK(refusal->field == where(decision.error(), "field"));
          CHECK(refusal->rule == where(decision.error(), "rule"));
        }
      }
    }
  }
}

TEST_CASE("explain goes on behind a refusal") {
  IssueRequest request = request_for("evil.org");
  request.ip_sans = {"10.0.0.1"};
  request.uri_sans = {"https://a.b"};
  const auto explained =
      explain(grant(), compile(role_of("!allow_ip_sans")).value(), request, issuer(), kNow);
  std::vector<std::string> fields;
  for (const Finding& one : explained.findings) {
    if (one.verdict == Finding::Verdict::kRefuses) fields.push_back(one.field);
  }
  CHECK(join(fields, " ") == "common_name alt_names ip_sans uri_sans");
  CHECK_FALSE(explained.allowed());
}

}  // namespace
}  // namespace chancery::policy
