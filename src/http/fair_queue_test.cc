#include "http/fair_queue.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

namespace chancery::http {
namespace {

std::string drain(FairQueue<std::string>& queue) {
  std::string order;
  while (!queue.empty()) order += queue.pop() + " ";
  return order;
}

FairQueue<std::string> filled(const std::vector<std::pair<std::string_view, std::string>>& items) {
  FairQueue<std::string> queue;
  for (const auto& [tenant, item] : items) queue.push(tenant, item);
  return queue;
}

TEST_CASE("tenants take turns, each in its own order") {
  auto queue =
      filled({{"a", "a1"}, {"a", "a2"}, {"a", "a3"}, {"b", "b1"}, {"b", "b2"}, {"c", "c1"}});
  CHECK(queue.size() == 6);
  CHECK(queue.tenants() == 3);
  CHECK(queue.waiting("a") == 3);
  CHECK(queue.waiting("d") == 0);
  CHECK(drain(queue) == "a1 b1 c1 a2 b2 a3 ");
  CHECK(queue.tenants() == 0);
}

TEST_CASE("however much one asks for, another waits for one of it") {
  FairQueue<std::string> queue;
  for (int i = 0; i < 1000; ++i) queue.push("flood", "f");
  for (int round = 0; round < 100; ++round) {
    CHECK(queue.pop() == "f");
    queue.push("polite", "p");
    CHECK(queue.pop() == "f");
    CHECK(queue.pop() == "p");
    CHECK(queue.tenants() == 1);
  }
}

TEST_CASE("the oldest is the oldest of all, and leaves its tenant's queue") {
  auto queue = filled({{"a", "a1"}, {"b", "b1"}, {"a", "a2"}});
  CHECK(queue.oldest() == "a1");
  CHECK(queue.pop_oldest() == "a1");
  CHECK(queue.oldest() == "b1");
  CHECK(queue.pop_oldest() == "b1");
  CHECK(queue.waiting("b") == 0);
  CHECK(queue.tenants() == 1);
  CHECK(drain(queue) == "a2 ");
}

TEST_CASE("who has most waiting makes room, with its newest, for who has less") {
  auto queue = filled({{"a", "a1"}, {"a", "a2"}, {"a", "a3"}, {"b", "b1"}});
  CHECK_FALSE(queue.make_room("a"));
  CHECK(queue.make_room("c") == "a3");
  CHECK(queue.waiting("a") == 2);
  // It would have no less than the other then.
  CHECK_FALSE(queue.make_room("b"));
  CHECK(queue.make_room("c") == "a2");
  CHECK_FALSE(queue.make_room("c"));
  CHECK(drain(queue) == "a1 b1 ");
  CHECK_FALSE(queue.make_room("c"));
}

TEST_CASE("what is moved keeps its order") {
  auto queue = filled({{"a", "a1"}, {"b", "b1"}, {"a", "a2"}});
  FairQueue<std::string> other;
  std::swap(queue, other);
  CHECK(queue.empty());
  CHECK(queue.tenants() == 0);
  other.push("b", "b2");
  CHECK(drain(other) == "a1 b1 a2 b2 ");
}

}  // namespace
}  // namespace chancery::http
