#include "cli/yaml_reader.h"

#include <doctest/doctest.h>

namespace chancery::cli {
namespace {

std::string failure(const std::string& text) {
  const auto read = read_yaml(text);
  return read ? "read" : read.error().to_string();
}

TEST_CASE("documents, kinds and lines") {
  const auto documents = read_yaml(
                             "# a comment\n"
                             "kind: Role\n"
                             "spec:\n"
                             "  ttl: 90d\n"
                             "  yes_text: no\n"
                             "  quoted: \"true\"\n"
                             "  flag: true\n"
                             "  count: -3\n"
                             "  none: ~\n"
                             "  list: [a, 'b', 3]\n"
                             "---\n"
                             "---\n"
                             "kind: Profile\n")
                             .value();
  REQUIRE(documents.size() == 2);
  const YamlValue* spec = documents[0].find("spec");
  REQUIRE(spec != nullptr);
  using Kind = YamlValue::Kind;
  CHECK(spec->find("ttl")->kind == Kind::kText);
  CHECK(spec->find("ttl")->line == 4);
  CHECK(spec->find("yes_text")->kind == Kind::kText);
  CHECK(spec->find("quoted")->kind == Kind::kText);
  CHECK(spec->find("flag")->kind == Kind::kBool);
  CHECK(spec->find("count")->kind == Kind::kInteger);
  CHECK(spec->find("none")->kind == Kind::kNull);
  CHECK(spec->find("list")->items.size() == 3);
  CHECK(spec->members[6].name == "list");
  CHECK(spec->members[6].line == 10);
  CHECK(spec->find("absent") == nullptr);
  CHECK(read_yaml("").value().empty());
}

TEST_CASE("bombs are refused where they stand") {
  std::string laughs = "a: &a [lol, lol]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    laughs += std::string(1, c) + ": &" + c + " [*" + before + ", *" + before + "]\n";
  }
  CHECK(failure(laughs).contains("aliases"));
  CHECK(failure(laughs).contains("line=2"));
  CHECK(failure("a: &a\n  <<: *a\n").contains("aliases"));
  CHECK(failure(std::string(100'000, '[')) != "read");
  CHECK(failure(std::string(100'000, '{')) != "read");
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  CHECK(failure(deep.substr(0, kMaxYamlBytes)) != "read");
  std::string dashes;
  for (int i = 0; i < 5000; ++i) dashes += "- ";
  CHECK(failure(dashes).contains("deeper than 32"));
  std::string many = "a: [";
  for (int i = 0; i < 200'000; ++i) many += "1,";
  CHECK(failure(many + "]").contains("over 100000 values"));
  std::string keys;
  for (int i = 0; i < 1001; ++i) keys += "k" + std::to_string(i) + ": 1\n";
  CHECK(failure(keys).contains("over 1000 keys"));
  CHECK(failure(std::string(kMaxYamlBytes + 1, ' ')).contains("4 MiB"));
}

TEST_CASE("what is not meant is refused with its line") {
  CHECK(failure("a: 1\nb: 2\na: 3\n").contains("\"a\" stands twice"));
  CHECK(failure("a: 1\nb: 2\na: 3\n").contains("line=3"));
  CHECK(failure("a: !!python/object:os.system x\n").contains("tag"));
  CHECK(failure("a: !mine [1]\n").contains("tag"));
  CHECK(failure("[a, b]: c\n").contains("a key must be a word"));
  CHECK(failure("a: [1, 2\n").contains("line="));
  CHECK(failure("a: b: c\n").contains("not YAML"));
  CHECK(failure("a: \xff\xfe\n") != "");
}

}  // namespace
}  // namespace chancery::cli
