#include "checker.h"

#include <doctest/doctest.h>

namespace chancery::history {
namespace {

Operation change(Kind kind, Outcome outcome, std::uint64_t begin, std::uint64_t end) {
  return {"c", kind, outcome, State::kGood, begin, end};
}
Operation read(State seen, std::uint64_t begin, std::uint64_t end) {
  return {"c", Kind::kRead, Outcome::kSaw, seen, begin, end};
}

// The number of the operation that cannot be explained; nothing when all can.
std::optional<std::size_t> wrong(const std::vector<Operation>& operations) {
  return explain(operations, {State::kGood}).wrong;
}

TEST_CASE("what one order explains is explained") {
  std::vector<Operation> good{
      change(Kind::kHold, Outcome::kDone, 0, 3),       read(State::kHold, 1, 2),
      change(Kind::kRelease, Outcome::kDone, 4, 5),    read(State::kGood, 6, 7),
      change(Kind::kRevoke, Outcome::kUnheard, 8, 11), read(State::kGood, 9, 10)};
  CHECK_FALSE(wrong(good));
  // Nobody heard whether it was revoked.
  CHECK(explain(good, {State::kGood}).states == States{State::kGood, State::kRevoked});
  good.push_back(read(State::kRevoked, 12, 13));
  CHECK(explain(good, {State::kGood}).states == States{State::kRevoked});
  CHECK_FALSE(wrong({change(Kind::kRevoke, Outcome::kConflict, 0, 1), read(State::kGood, 2, 3)}));
}

TEST_CASE("what no order explains is found") {
  const auto hold = change(Kind::kHold, Outcome::kDone, 0, 3);
  SUBCASE("a revocation is forgotten") {
    CHECK(wrong({change(Kind::kRevoke, Outcome::kDone, 0, 1), read(State::kGood, 2, 3)}) == 1);
  }
  SUBCASE("a hold is seen and then not") {
    CHECK(wrong({change(Kind::kHold, Outcome::kUnheard, 0, 3), read(State::kHold, 1, 2),
                 read(State::kGood, 4, 5)}) == 2);
  }
  SUBCASE("what nobody heard of takes effect later") {
    CHECK(wrong({change(Kind::kHold, Outcome::kUnheard, 0, 1), read(State::kGood, 2, 3),
                 read(State::kHold, 4, 5)}) == 2);
  }
  SUBCASE("done twice") { CHECK(wrong({hold, change(Kind::kHold, Outcome::kDone, 1, 4)}) == 1); }
  SUBCASE("revoked and released") {
    CHECK(wrong({change(Kind::kRevoke, Outcome::kDone, 0, 1),
                 change(Kind::kRelease, Outcome::kDone, 2, 3)}) == 1);
  }
  SUBCASE("refused to release what is on hold") {
    CHECK(wrong({hold, change(Kind::kRelease, Outcome::kRefused, 4, 5)}) == 1);
  }
  SUBCASE("two readers see a hold end at different times") {
    // The second one reads when the first has seen it end.
    CHECK(wrong({hold, change(Kind::kRelease, Outcome::kDone, 4, 9),
                 change(Kind::kRelease, Outcome::kRefused, 5, 6), read(State::kHold, 7, 8)}) == 3);
  }
}

TEST_CASE("parts follow each other") {
  Checker checker;
  CHECK(checker.take({change(Kind::kHold, Outcome::kDone, 0, 1)}).empty());
  CHECK(checker.take({read(State::kHold, 2, 3)}).empty());
  const auto found = checker.take({read(State::kHold, 4, 5), read(State::kGood, 6, 7)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].size() == 2);
  CHECK(checker.operations() == 4);
  CHECK(checker.certificates() == 1);
  CHECK(checker.counts().at("read hold") == 2);
}

}  // namespace
}  // namespace chancery::history
