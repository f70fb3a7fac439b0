#include "base/uuid.h"

#include <doctest/doctest.h>

#include "base/fakes.h"

namespace chancery {
namespace {

TEST_CASE("UUIDs") {
  FakeRandom random(1);
  const std::string one = make_uuid(random);
  CHECK(is_uuid(one));
  CHECK(one[14] == '4');
  CHECK(std::string_view("89ab").contains(one[19]));
  CHECK(one != make_uuid(random));
  CHECK(is_uuid("00000000-0000-0000-0000-000000000000"));
  for (const char* text :
       {"", "00000000-0000-0000-0000-00000000000", "00000000000000000000000000000000",
        "00000000-0000-0000-0000-00000000000G", "0000000-00000-0000-0000-000000000000",
        "00000000-0000-0000-0000-0000000000001", "A0000000-0000-0000-0000-000000000000"}) {
    CHECK_FALSE(is_uuid(text));
  }
}

}  // namespace
}  // namespace chancery
