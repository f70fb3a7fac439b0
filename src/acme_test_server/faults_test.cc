#include "acme_test_server/faults.h"

#include <doctest/doctest.h>

#include "base/fakes.h"

namespace chancery::acme_test {
namespace {

constexpr std::string_view kAll =
    R"({"badNonces":7,"badNextNonces":2,"slowValidation":3,"slowFinalize":4,"refusals":[)"
    R"({"status":503,"resource":"new-order","count":2,"retryAfter":9},{"status":429,"percent":25}]})";

TEST_CASE("faults are read and written alike") {
  const auto settings = parse_faults(kAll).value();
  CHECK(settings.bad_nonces == 7);
  CHECK(settings.bad_next_nonces == 2);
  CHECK(settings.slow_validation == seconds{3});
  CHECK(settings.slow_finalize == seconds{4});
  REQUIRE(settings.refusals.size() == 2);
  CHECK(settings.refusals[0].resource == "new-order");
  CHECK(settings.refusals[0].count == 2U);
  CHECK(settings.refusals[0].retry_after == seconds{9});
  CHECK(settings.refusals[1].percent == 25);
  CHECK(to_json(settings) == kAll);
  CHECK(parse_faults("{}").value() == FaultSettings{});
}

TEST_CASE("what is no fault is refused") {
  for (const std::string_view text :
       {"", "[]", R"({"badNonces":101})", R"({"badNonces":-1})", R"({"badNonces":"5"})",
        R"({"slowFinalize":601})", R"({"refusals":{}})", R"({"refusals":[1]})",
        R"({"refusals":[{"status":503}]})", R"({"refusals":[{"status":404,"count":1}]})",
        R"({"refusals":[{"status":503,"count":1,"percent":1}]})",
        R"({"refusals":[{"status":503,"count":1,"resource":"nowhere"}]})",
        R"({"refusals":[{"status":503,"count":1,"other":1}]})"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_faults(text).has_value());
  }
  CHECK(parse_faults(R"({"badNonce":5})").error().detail.contains(R"(did you mean "badNonces"?)"));
  CHECK(parse_faults(R"({"refusals":[{"status":503,"count":1,"resource":"new-orders"}]})")
            .error()
            .detail.contains(R"(did you mean "new-order"?)"));
  std::string many = R"({"status":503,"count":1})";
  for (int i = 0; i < 32; ++i) many += R"(,{"status":503,"count":1})";
  CHECK_FALSE(parse_faults(R"({"refusals":[)" + many + "]}").has_value());
}

TEST_CASE("a count is used up by the requests that it fits") {
  FakeRandom random{1};
  Faults faults({}, random);
  faults.set(parse_faults(kAll).value());
  faults.set(parse_faults(
                 R"({"refusals":[{"status":503,"resource":"new-order","count":2,"retryAfter":9}]})")
                 .value());
  CHECK_FALSE(faults.refusal("new-account", true).has_value());
  const auto first = faults.refusal("new-order", true);
  REQUIRE(first.has_value());
  CHECK(first->code == Code::kUnavailable);
  CHECK(first->retry_after == seconds{9});
  CHECK(faults.settings().refusals.front().count == 1U);
  CHECK(faults.refusal("new-order", true).has_value());
  CHECK_FALSE(faults.refusal("new-order", true).has_value());
}

TEST_CASE("without a resource whatever is signed is refused, and the rest is not") {
  FakeRandom random{1};
  Faults faults({}, random);
  faults.set(parse_faults(R"({"refusals":[{"status":429,"percent":100}]})").value());
  CHECK(faults.refusal("new-order", true)->code == Code::kTooManyRequests);
  CHECK_FALSE(faults.refusal("directory", false).has_value());
  faults.set(parse_faults(R"({"refusals":[{"status":500,"resource":"directory","percent":100}]})")
                 .value());
  CHECK(faults.refusal("directory", false)->code == Code::kInternal);
}

TEST_CASE("the next nonces are refused, and no more") {
  FakeRandom random{1};
  Faults faults({}, random);
  faults.set(parse_faults(R"({"badNextNonces":2})").value());
  CHECK(faults.spoils_nonce());
  CHECK(faults.settings().bad_next_nonces == 1);
  CHECK(faults.spoils_nonce());
  CHECK_FALSE(faults.spoils_nonce());
}

TEST_CASE("a percentage is one") {
  FakeRandom random{1};
  Faults faults({}, random);
  const auto spoilt = [&] {
    int count = 0;
    for (int i = 0; i < 10'000; ++i) count += faults.spoils_nonce() ? 1 : 0;
    return count;
  };
  CHECK(spoilt() == 0);
  faults.set(parse_faults(R"({"badNonces":30})").value());
  const int third = spoilt();
  CHECK(third > 2500);
  CHECK(third < 3500);
  faults.set(parse_faults(R"({"badNonces":100})").value());
  CHECK(spoilt() == 10'000);
  faults.reset();
  CHECK(spoilt() == 0);
}

}  // namespace
}  // namespace chancery::acme_test
