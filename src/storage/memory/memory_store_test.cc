#include "storage/memory/memory_store.h"

#include <doctest/doctest.h>

#include "storage/store_conformance.h"

namespace chancery::storage::memory {
namespace {

TEST_CASE("the memory store keeps the store contract") {
  NullLog log;
  conformance::StoreUnderTest subject;
  subject.open = [&] { return make_store(log); };
  subject.scale = 5;
  conformance::check_store(subject);
}

}  // namespace
}  // namespace chancery::storage::memory
