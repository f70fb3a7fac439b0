#pragma once

// For this folder's tests.

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace chancery::storage::sqlite {

// TestDirectory is a directory that goes away with all it holds.
class TestDirectory {
 public:
  TestDirectory() {
    std::string name = "/tmp/chancery-storage-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TestDirectory() { remove(path_); }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

  static std::vector<std::string> list(const std::string& path) {
    std::vector<std::string> names;
    DIR* directory = ::opendir(path.c_str());
    if (directory == nullptr) return names;
    while (const dirent* entry = ::readdir(directory)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    ::closedir(directory);
    return names;
  }
  // files lists every regular file below `path`.
  static std::vector<std::string> files(const std::string& path) {
    std::vector<std::string> found;
    for (const std::string& name : list(path)) {
      const std::string full = path + "/" + name;
      struct stat info{};
      if (::lstat(full.c_str(), &info) != 0) continue;
      if (S_ISDIR(info.st_mode)) {
        const auto below = files(full);
        found.insert(found.end(), below.begin(), below.end());
      } else {
        found.push_back(full);
      }
    }
    return found;
  }
  static void remove(const std::string& path) {
    for (const std::string& name : list(path)) {
      const std::string full = path + "/" + name;
      struct stat info{};
      if (::lstat(full.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
        remove(full);
      } else {
        ::unlink(full.c_str());
      }
    }
    ::rmdir(path.c_str());
  }

 private:
  std::string path_;
};

}  // namespace chancery::storage::sqlite
