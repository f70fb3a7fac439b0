#include "server/start_checks.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/test_directory.h"
#include "os/file.h"

namespace chancery::server {
namespace {

// Counts warnings.
class CountingLog final : public Log {
 public:
  void write(LogLevel level, std::string_view, Fields) override {
    if (level == LogLevel::kWarning) ++warnings;
  }
  int warnings = 0;
};

struct TestFolder {
  TestFolder() {
    config.data = path + "/server";
    file = path + "/chancery.yaml";
    for (const char* part : {"", "/keys", "/store"})
      REQUIRE(os::make_directory(config.data + part).has_value());
    REQUIRE(os::write_file(file, {}, os::kPublicFile).has_value());
  }

  Result<void> check() { return check_modes(file, config, log); }

  const TestDirectory folder;
  const std::string& path = folder.path();
  std::string file;
  Config config;
  CountingLog log;
};

TEST_CASE("what init makes is fine") {
  TestFolder folder;
  CHECK(folder.check().has_value());
  CHECK(folder.log.warnings == 0);
}

TEST_CASE("what others can change is refused, with the command that mends it") {
  TestFolder folder;
  for (const std::string& path : {folder.file, folder.config.data, folder.config.data + "/store"}) {
    CAPTURE(path);
    REQUIRE(::chmod(path.c_str(), 0770) == 0);
    const auto refused = folder.check();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == Code::kRefused);
    CHECK(refused.error().detail.ends_with("mend it by: chmod go-w " + path));
    REQUIRE(::chmod(path.c_str(), 0700) == 0);
    CHECK(folder.check().has_value());
  }
}

TEST_CASE("keys are for nobody else, and a data directory should not be") {
  TestFolder folder;
  REQUIRE(::chmod((folder.config.data + "/keys").c_str(), 0750) == 0);
  CHECK(folder.check().error().detail.find("chmod go-rwx") != std::string::npos);
  REQUIRE(::chmod((folder.config.data + "/keys").c_str(), 0700) == 0);
  REQUIRE(::chmod(folder.config.data.c_str(), 0750) == 0);
  CHECK(folder.check().has_value());
  CHECK(folder.log.warnings == 1);
}

}  // namespace
}  // namespace chancery::server
