#include "validation/network/dns_methods.h"

#include <doctest/doctest.h>

#include "crypto/digest.h"
#include "validation/network/test_world.h"

namespace chancery::validation::network {
namespace {

using namespace testing;

std::string digest() { return base64(crypto::sha256(as_bytes(kKeyAuthorization)), Base64::kUrl); }

Outcome with_records(const std::vector<Bytes>& records) {
  World world;
  world.dns.set("_acme-challenge.a.corp.test", RecordType::kTxt, records);
  return world.validate(attempt_for(Method::kDns01, "a.corp.test"));
}

TEST_CASE("dns-01: one right record of many, in one string or several") {
  const Outcome outcome = with_records({text_record(digest())});
  CHECK(outcome.succeeded());
  CHECK(seen_in(outcome) == "TXT _acme-challenge.a.corp.test: 1 record\n");
  CHECK(with_records({text_record("other"), text_record(digest()), text_record("third")})
            .succeeded());
  CHECK(with_records({text_record(digest(), 10)}).succeeded());
  CHECK(with_records({Bytes{200, 'x'}, text_record(digest())}).succeeded());
}

TEST_CASE("dns-01: the record behind an alias") {
  World world;
  world.dns.set_alias("_acme-challenge.a.corp.test", "a.validation.test");
  world.dns.set("a.validation.test", RecordType::kTxt, {text_record(digest())});
  CHECK(world.validate(attempt_for(Method::kDns01, "a.corp.test")).succeeded());
}

TEST_CASE("dns-01: apex and wildcard at once have two records of one name") {
  World world;
  Attempt apex = attempt_for(Method::kDns01, "a.corp.test");
  Attempt wildcard = apex;
  wildcard.wildcard = true;
  wildcard.key_authorization = "other." + kKeyAuthorization;
  world.dns.set(
      "_acme-challenge.a.corp.test", RecordType::kTxt,
      {text_record(digest()),
       text_record(base64(crypto::sha256(as_bytes(wildcard.key_authorization)), Base64::kUrl))});
  CHECK(world.validate(apex).succeeded());
  CHECK(world.validate(wildcard).succeeded());
}

TEST_CASE("dns-01: what is wrong is told apart") {
  const Outcome wrong = with_records({text_record("a stranger's secret")});
  CHECK(wrong.problem == Problem::kIncorrectResponse);
  CHECK(contains(wrong.detail, "publish \"" + digest() + "\""));
  CHECK_FALSE(contains(wrong.detail + seen_in(wrong), "secret"));
  CHECK(contains(with_records({text_record(" " + digest())}).detail, "blanks around it"));
  CHECK(contains(with_records({text_record("a"), text_record("b")}).detail, "none of the 2"));

  World world;
  const auto run = [&](const std::string& name) {
    return world.validate(attempt_for(Method::kDns01, name));
  };
  const Outcome missing = run("a.corp.test");
  CHECK(missing.problem == Problem::kDns);
  CHECK(contains(missing.detail, "NXDOMAIN"));
  world.dns.set("_acme-challenge.b.corp.test", RecordType::kA, {loopback()});
  const Outcome empty = run("b.corp.test");
  CHECK(empty.problem == Problem::kUnauthorized);
  CHECK(contains(empty.detail, "no TXT record at _acme-challenge.b.corp.test"));
  world.dns.set_code("_acme-challenge.c.corp.test", 2);
  CHECK(contains(run("c.corp.test").detail, "SERVFAIL"));
  world.dns.be_silent_about("_acme-challenge.d.corp.test");
  world.settings.step_timeout = std::chrono::milliseconds(200);
  const Outcome late = run("d.corp.test");
  CHECK(late.problem == Problem::kDns);
  CHECK(contains(late.detail, "no answer in time"));
  CHECK(late.may_pass_later);
}

TEST_CASE("dns-account-01: the record below the account's own label") {
  // As in the draft's example.
  CHECK(account_label("https://example.com/acme/acct/ExampleAccount") == "_ujmmovf2vn55tgye");
  World world;
  Attempt attempt = attempt_for(Method::kDnsAccount01, "a.corp.test");
  world.dns.set(account_label(attempt.account_url) + "._acme-challenge.a.corp.test",
                RecordType::kTxt, {text_record(digest())});
  CHECK(world.validate(attempt).succeeded());
  attempt.account_url += "0";
  CHECK(world.validate(attempt).problem == Problem::kDns);
}

Outcome judged(const std::vector<std::string>& records, bool wildcard = false) {
  Attempt attempt = attempt_for(Method::kDnsPersist01, "a.corp.test");
  attempt.issuer_domains = {"ca.test", "second.test"};
  attempt.wildcard = wildcard;
  return judge_persistent(attempt, records, kNow);
}
const std::string kAccount = "accounturi=https://ca.test/acme/a/account/1";

TEST_CASE("dns-persist-01: a record that names the issuer and the account") {
  CHECK(judged({"ca.test; " + kAccount}).succeeded());
  CHECK(judged({"CA.Test;ACCOUNTURI=https://ca.test/acme/a/account/1"}).succeeded());
  CHECK(judged({"second.test;" + kAccount + ";unknown=x;unknown=y"}).succeeded());
  CHECK(judged({"ca.test;", "other.test; x", "ca.test; " + kAccount}).succeeded());
  CHECK(judged({"ca.test; policy=specific; " + kAccount}).succeeded());
  CHECK(judged({"ca.test; policy=WildCard; " + kAccount}, true).succeeded());
  const std::string later = std::to_string(to_unix(kNow) + 5);
  const Outcome until = judged({"ca.test; " + kAccount + "; persistUntil=" + later});
  CHECK(until.succeeded());
  CHECK(until.valid_until == kNow + seconds{5});
  CHECK(judged({"ca.test; " + kAccount + "; persistUntil=" + std::to_string(to_unix(kNow))})
            .succeeded());
}

TEST_CASE("dns-persist-01: records that do not permit it") {
  const auto wrong = [](const std::string& record, bool wildcard = false) {
    const Outcome outcome = judged({record}, wildcard);
    CHECK_FALSE(outcome.succeeded());
    return outcome.detail;
  };
  CHECK(contains(wrong("other.test; " + kAccount), "names this CA"));
  CHECK(contains(wrong("ca.test"), "accounturi is missing"));
  CHECK(contains(wrong("ca.test; accounturi="), "accounturi is missing"));
  CHECK(contains(wrong("ca.test; " + kAccount + "0"), "another account"));
  CHECK(contains(wrong("ca.test; " + kAccount + ";"), "semicolon too many"));
  CHECK(contains(wrong("ca.test;; " + kAccount), "semicolon too many"));
  CHECK(contains(wrong("ca.test; " + kAccount + "; " + kAccount), "stands twice"));
  CHECK(contains(wrong("ca.test; " + kAccount + "; policy=a; Policy=b"), "stands twice"));
  CHECK(contains(wrong("ca.test; " + kAccount + "; word"), "without \"=\""));
  CHECK(contains(wrong("ca.test; " + kAccount + "; x=\xc3\xa9"), "not ASCII"));
  CHECK(contains(wrong("ca.test; " + kAccount + "; persistUntil=soon"), "not a number"));
  CHECK(contains(wrong("ca.test; " + kAccount + "; persistUntil="), "not a number"));
  CHECK(contains(wrong("ca.test; " + kAccount + "; persistUntil=-5"), "not a number"));
  CHECK(contains(wrong("ca.test; " + kAccount + "; persistUntil=1"), "ended"));
  CHECK(contains(wrong("ca.test; " + kAccount, true), "policy=wildcard"));
  CHECK(contains(wrong("ca.test; " + kAccount + "; policy=wild", true), "policy=wildcard"));
}

TEST_CASE("dns-persist-01: looks at _validation-persist") {
  World world;
  const Attempt attempt = attempt_for(Method::kDnsPersist01, "a.corp.test");
  CHECK(world.validate(attempt).problem == Problem::kDns);
  world.dns.set("_validation-persist.a.corp.test", RecordType::kTxt,
                {text_record("ca.test; " + kAccount)});
  CHECK(world.validate(attempt).succeeded());
}

}  // namespace
}  // namespace chancery::validation::network
