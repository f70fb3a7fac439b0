#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/test_directory.h"
#include "os/file.h"

namespace chancery::os {
namespace {

TEST_CASE("files are replaced whole and created once") {
  const TestDirectory folder;
  const std::string path = folder.path() + "/a";
  CHECK(read_file(path).error().code == Code::kNotFound);
  REQUIRE(create_file(path, as_bytes("one"), kPrivateFile).has_value());
  CHECK(create_file(path, as_bytes("two"), kPrivateFile).error().code == Code::kAlreadyExists);
  CHECK(as_text(read_file(path).value()) == "one");
  REQUIRE(write_file(path, as_bytes("three"), kPublicFile).has_value());
  CHECK(as_text(read_secret_file(path).value().view()) == "three");
  CHECK(read_file(path, 4).error().code == Code::kTooLarge);
  CHECK(private_enough(path).error().code == Code::kRefused);
  REQUIRE(write_file(path, as_bytes("three"), kPrivateFile).has_value());
  CHECK(private_enough(path).has_value());
  CHECK_FALSE(exists(path + ".new"));
  CHECK(remove_file(path).has_value());
  CHECK_FALSE(exists(path));
}

TEST_CASE("directories are made once and listed in order") {
  const TestDirectory folder;
  const std::string& directory = folder.path();
  CHECK(is_empty_directory(directory));
  CHECK(make_directory(directory + "/b").has_value());
  CHECK(make_directory(directory + "/b").has_value());
  CHECK(write_file(directory + "/a", {}, kPublicFile).has_value());
  CHECK(list_directory(directory).value() == std::vector<std::string>{"a", "b"});
  CHECK(make_directory(directory + "/a").error().code == Code::kAlreadyExists);
}

TEST_CASE("files are renamed in place of others, and described") {
  const TestDirectory folder;
  const std::string& directory = folder.path();
  REQUIRE(write_file(directory + "/a", as_bytes("one"), 0640).has_value());
  REQUIRE(write_file(directory + "/b", as_bytes("two"), kPublicFile).has_value());
  CHECK(rename_file(directory + "/a", directory + "/b").has_value());
  CHECK(as_text(read_file(directory + "/b").value()) == "one");
  CHECK(rename_file(directory + "/a", directory + "/b").error().code == Code::kNotFound);
  const FileStatus status = status_of(directory + "/b").value();
  CHECK(status.mode == 0640);
  CHECK_FALSE(status.is_directory);
  CHECK(status_of(directory)->is_directory);
  CHECK(set_owner(directory + "/b", status.owner, status.group).has_value());
  CHECK(status_of(directory + "/a").error().code == Code::kNotFound);
  CHECK(free_bytes(directory).value() > 0);
}

}  // namespace
}  // namespace chancery::os
