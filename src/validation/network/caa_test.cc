#include "validation/network/caa.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/text.h"
#include "validation/network/test_world.h"

namespace chancery::validation::network {
namespace {

using namespace testing;

CaaQuestion question_for(const std::string& name) {
  CaaQuestion question;
  question.name = name;
  question.account_url = "https://ca.test/1";
  question.issuer_domains = {"ca.test", "alias.test"};
  return question;
}

std::vector<CaaRecord> records_of(std::string_view text) {
  std::vector<CaaRecord> out;
  for (auto quote = text.find('"'); quote != std::string_view::npos; quote = text.find('"')) {
    std::string_view tag = trim(text.substr(0, quote));
    if (tag.starts_with(',')) tag = trim(tag.substr(1));
    CaaRecord record;
    record.critical = tag.starts_with('!');
    record.tag = to_lower(tag.substr(record.critical ? 1 : 0));
    text.remove_prefix(quote + 1);
    const auto end = text.find('"');
    record.value = text.substr(0, end);
    text.remove_prefix(end + 1);
    out.push_back(std::move(record));
  }
  return out;
}

CaaQuestion question_of(std::string_view words) {
  CaaQuestion question = question_for("a.corp.test");
  for (const std::string_view word : split(words, ' ')) {
    if (word == "wildcard") question.wildcard = true;
    if (const auto method = parse_method(word)) question.method = *method;
  }
  return question;
}

TEST_CASE("CAA: the golden table") {
  std::ifstream file(CHANCERY_SOURCE_DIR "/src/validation/network/testdata/caa.golden");
  REQUIRE(file);
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    CAPTURE(line);
    const auto first = line.find(':');
    const auto last = line.rfind("\" : ");
    REQUIRE(first < last);
    const std::string_view expected = std::string_view(line).substr(last + 4);
    const Outcome outcome =
        judge_caa(question_of(line.substr(0, first)), "corp.test",
                  records_of(std::string_view(line).substr(first + 1, last - first)));
    ++cases;
    if (expected == "ok") {
      CHECK(outcome.succeeded());
      continue;
    }
    constexpr std::string_view kRefused = "refused: ";
    REQUIRE(expected.starts_with(kRefused));
    CHECK(outcome.problem == Problem::kCaa);
    CHECK(contains(outcome.detail, expected.substr(kRefused.size())));
  }
  CHECK(cases > 40);
}

TEST_CASE("CAA: a CA without a name is let issue by no record") {
  CaaQuestion question = question_for("a.corp.test");
  question.issuer_domains.clear();
  CHECK(judge_caa(question, "corp.test", {}).succeeded());
  CHECK(contains(judge_caa(question, "corp.test", {{false, "issue", ""}}).detail, "has no name"));
}

TEST_CASE("CAA: the closest name that has records decides") {
  World world;
  const auto check = [&] { return world.check_caa(question_for("a.b.corp.test")); };
  const Outcome none = check();
  CHECK(none.succeeded());
  CHECK(none.observations.size() == 4);  // every name up to "test"
  world.dns.set("corp.test", RecordType::kCaa, {caa_record(0, "issue", "other.test")});
  const Outcome refused = check();
  CHECK(refused.problem == Problem::kCaa);
  CHECK(contains(refused.detail, "CAA records of corp.test"));
  CHECK(refused.observations.size() == 3);
  world.dns.set("b.corp.test", RecordType::kCaa, {caa_record(0, "issue", "ca.test")});
  CHECK(check().succeeded());
  world.dns.set_alias("a.b.corp.test", "elsewhere.test");
  CHECK(check().succeeded());  // the alias has none, and its own parents do not count
  world.dns.set("elsewhere.test", RecordType::kCaa, {caa_record(0, "issue", ";")});
  CHECK(check().problem == Problem::kCaa);
}

TEST_CASE("CAA: without an answer there is no certificate") {
  World world;
  world.dns.set("corp.test", RecordType::kCaa, {caa_record(0, "issue", "ca.test")});
  world.dns.set_code("b.corp.test", 2);
  const Outcome broken = world.check_caa(question_for("a.b.corp.test"));
  CHECK(broken.problem == Problem::kDns);
  CHECK(contains(broken.detail, "CAA of b.corp.test: SERVFAIL"));
  CHECK(broken.may_pass_later);
  world.dns.be_silent_about("c.corp.test");
  world.settings.step_timeout = std::chrono::milliseconds(200);
  CHECK(world.check_caa(question_for("c.corp.test")).problem == Problem::kDns);
  world.dns.set("d.corp.test", RecordType::kCaa, {Bytes{0, 9, 'x'}});
  CHECK(contains(world.check_caa(question_for("d.corp.test")).detail, "cannot be read"));
  world.settings.standard.dnssec = true;
  world.settings.standard.trust_anchors = {
      "test. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"};
  world.settings.step_timeout = std::chrono::milliseconds(10'000);
  const Outcome bogus = world.check_caa(question_for("corp.test"));
  CHECK(bogus.problem == Problem::kDns);
  CHECK(contains(bogus.detail, "DNSSEC"));
}

}  // namespace
}  // namespace chancery::validation::network
