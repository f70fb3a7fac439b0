#include "bed_tools.h"

#include <stdlib.h>

#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>

namespace chancery::bench {
namespace {

void remove_tree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

// What is left when std::exit is called.
struct Directories {
  std::mutex mutex;
  std::set<std::string> paths;
  ~Directories() {
    for (const std::string& path : paths) remove_tree(path);
  }
};

Directories& directories() {
  static Directories all;
  return all;
}

}  // namespace

void need(Result<void> result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", what, result.error().to_string().c_str());
    std::exit(1);
  }
}

TemporaryDirectory::TemporaryDirectory() : path_("/tmp/chancery-bench-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) std::exit(1);
  const std::scoped_lock lock(directories().mutex);
  directories().paths.insert(path_);
}

TemporaryDirectory::~TemporaryDirectory() {
  remove_tree(path_);
  const std::scoped_lock lock(directories().mutex);
  directories().paths.erase(path_);
}

}  // namespace chancery::bench
