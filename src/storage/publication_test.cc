#include "storage/publication.h"

#include <doctest/doctest.h>

#include <future>
#include <utility>

namespace chancery::storage {
namespace {

using record::StateKey;
using record::StateKind;
using record::StateRow;

const record::Scope kHere{"root", "pki/"};
const record::Scope kElsewhere{"root", "other/"};

StateKey role(std::string id, record::Scope scope = kHere) {
  return {StateKind::kRole, std::move(scope), std::move(id)};
}

StateRow row(std::string id, std::uint64_t version) {
  return {role(std::move(id)), {}, version, 0, 1};
}

// waits tells whether a reader comes back only when the batch is published.
template <class Read>
bool waits(Publication& publication, Read read) {
  auto done = std::async(std::launch::async, [&] { return read().has_value(); });
  const bool early = done.wait_for(std::chrono::milliseconds(20)) == std::future_status::ready;
  publication.end();
  return done.get() && !early;
}

TEST_CASE("who found the old row goes on, who found the new one waits") {
  Publication publication;
  const StateKey changed = role("changed");
  const StateKey erased = role("erased");
  publication.begin({{&changed, 7}, {&changed, 8}, {&erased, std::nullopt}}, 0);
  const auto get = [&](const StateKey& key, std::optional<StateRow> found) {
    return
        [&publication, key, found = std::move(found)] { return publication.await_row(key, found); };
  };
  SUBCASE("old") { CHECK(get(changed, row("changed", 6))().has_value()); }
  SUBCASE("new") { CHECK(waits(publication, get(changed, row("changed", 8)))); }
  SUBCASE("in between, which nobody can find") {
    CHECK(get(changed, row("changed", 7))().has_value());
  }
  SUBCASE("not erased yet") { CHECK(get(erased, row("erased", 1))().has_value()); }
  SUBCASE("erased") { CHECK(waits(publication, get(erased, std::nullopt))); }
  SUBCASE("of another scope") {
    CHECK(get(role("erased", kElsewhere), std::nullopt)().has_value());
  }
}

TEST_CASE("a page waits when the batch shows in it") {
  Publication publication;
  const StateKey changed = role("b");
  const StateKey erased = role("d");
  publication.begin({{&changed, 2}, {&erased, std::nullopt}}, 0);
  const auto list = [&](std::string_view after, std::size_t limit, std::vector<StateRow> found) {
    return [=, &publication] {
      return publication.await_page(StateKind::kRole, kHere, after, limit, found);
    };
  };
  SUBCASE("before") { CHECK(list("", 9, {row("a", 1), row("b", 1), row("d", 1)})().has_value()); }
  SUBCASE("after") { CHECK(waits(publication, list("", 9, {row("a", 1), row("b", 2)}))); }
  SUBCASE("ends before what changes") { CHECK(list("", 1, {row("a", 1)})().has_value()); }
  SUBCASE("begins behind what changes") { CHECK(list("b", 1, {row("c", 1)})().has_value()); }
  SUBCASE("goes to the end, where a row is gone") {
    CHECK(waits(publication, list("b", 9, {row("c", 1)})));
  }
  SUBCASE("is empty, since a row is gone") { CHECK(waits(publication, list("c", 9, {}))); }
}

TEST_CASE("log rows of the batch wait, those before it do not") {
  Publication publication;
  publication.begin({}, 5);
  CHECK(publication.await_log(5).has_value());
  CHECK(waits(publication, [&] { return publication.await_log(6); }));
}

TEST_CASE("who waits for a batch does not wait for the next one") {
  Publication publication;
  const StateKey key = role("a");
  publication.begin({{&key, 2}}, 0);
  auto done = std::async(std::launch::async,
                         [&] { return publication.await_row(key, row("a", 2)).has_value(); });
  publication.end();
  publication.begin({{&key, 3}}, 1);
  CHECK(done.get());
  publication.end();
}

}  // namespace
}  // namespace chancery::storage
