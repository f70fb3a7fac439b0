#pragma once

// For tests only.

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace chancery {

// TestDirectory is a new directory that goes away with all it holds.
class TestDirectory {
 public:
  TestDirectory() {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make " + path_);
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

  // files lists every regular file below `path`, where others may come and go meanwhile.
  static std::vector<std::string> files(const std::string& path) {
    std::vector<std::string> found;
    std::error_code gone;
    std::filesystem::recursive_directory_iterator entry(path, gone);
    for (; !gone && entry != end(entry); entry.increment(gone)) {
      std::error_code unknown;
      if (entry->is_regular_file(unknown)) found.push_back(entry->path().string());
    }
    return found;
  }

 private:
  std::string path_ = "/tmp/chancery-test-XXXXXX";
};

}  // namespace chancery
