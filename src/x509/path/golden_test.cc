#include <doctest/doctest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "x509/path/testing/golden_case.h"

namespace chancery::x509::path {
namespace {

TEST_CASE("golden cases of path validation") {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder =
      std::filesystem::path(CHANCERY_SOURCE_DIR) / "tests/golden/path";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  CHECK(files.size() >= 100);
  for (const auto& file : files) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CAPTURE(file.lexically_relative(folder).string());
    const auto outcome = testing::run_golden_case(text);
    if (!outcome) {
      FAIL_CHECK(outcome.error().to_string());
      continue;
    }
    CHECK_MESSAGE(outcome->actual == outcome->expected, file.filename().string(), "\nis:\n",
                  outcome->actual, "\nshould be:\n", outcome->expected, "\n");
  }
}

}  // namespace
}  // namespace chancery::x509::path
