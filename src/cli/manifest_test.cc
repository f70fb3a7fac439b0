#include "cli/manifest.h"

#include <doctest/doctest.h>

#include <boost/json.hpp>

namespace chancery::cli {
namespace {

std::string failure(const char* text) {
  const auto read = read_manifests(text, "f.yaml");
  return read ? "read" : read.error().to_string();
}

TEST_CASE("manifests keep kind, name, fields and their lines") {
  const auto manifests = read_manifests(
                             "kind: profiles\nname: web\nspec:\n  ttl: 90d\n  keys:\n  - ec-p256\n"
                             "---\nkind: Role\nname: r\n",
                             "f.yaml")
                             .value();
  REQUIRE(manifests.size() == 2);
  CHECK(manifests[0].kind->name == "Profile");
  CHECK(boost::json::serialize(manifests[0].spec) == R"({"ttl":"90d","keys":["ec-p256"]})");
  CHECK(manifests[1].spec.empty());
  const Error told = manifests[0].at(Error{Code::kRefused, "no", {}, {}}.with("field", "keys"));
  CHECK(told.to_string().contains("line=5"));
  CHECK(told.to_string().contains("object=Profile/web"));
}

TEST_CASE("what is no manifest is refused with file and line") {
  CHECK(failure("[a]\n").contains("expected an object"));
  CHECK(failure("kind: Role\nnam: x\n").contains("did you mean \"name\"?"));
  CHECK(failure("kind: Role\nnam: x\n").contains("line=2"));
  CHECK(failure("kind: Role\nnam: x\n").contains("file=f.yaml"));
  CHECK(failure("name: x\n").contains("kind is missing"));
  CHECK(failure("kind: Rolle\nname: x\n").contains("did you mean"));
  CHECK(failure("kind: Role\n").contains("name is missing"));
  CHECK(failure("kind: Role\nname: ../x\n").contains("a name has letters"));
  CHECK(failure("kind: Role\nname: [x]\n").contains("a name has letters"));
  CHECK(failure("kind: Role\nname: x\nspec: 3\n").contains("the spec must be a map"));
}

TEST_CASE("differences are told field by field") {
  const auto object = [](const char* text) { return boost::json::parse(text).as_object(); };
  const auto found =
      differences(object(R"({"a":1,"b":[1],"c":"x"})"), object(R"({"a":1,"b":[1,2],"d":true})"));
  REQUIRE(found.size() == 3);
  CHECK(found[0].field == "b");
  CHECK(found[0].before == "[1]");
  CHECK(found[0].after == "[1,2]");
  CHECK(found[1].field == "d");
  CHECK(found[1].before.empty());
  CHECK(found[2].field == "c");
  CHECK(found[2].after.empty());
  CHECK(differences(object("{}"), object("{}")).empty());
}

}  // namespace
}  // namespace chancery::cli
