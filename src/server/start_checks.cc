#include "server/start_checks.h"

#include <sys/stat.h>
#include <unistd.h>

namespace chancery::server {
namespace {

constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

std::unexpected<Error> refuse(const std::string& what, const std::string& path,
                              const std::string& mend) {
  return std::unexpected(
      Error{Code::kRefused, what + "; mend it by: " + mend, {}, {}}.with("path", path));
}

// What is absent is for those to complain about who need it.
Result<void> check(const std::string& path, mode_t forbidden, const std::string& change) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return refuse("belongs to another user, who could change it", path,
                  "chown " + std::to_string(::geteuid()) + " " + path);
  }
  if ((status.st_mode & forbidden) != 0)
    return refuse("is open to other users", path, "chmod " + change + " " + path);
  return {};
}

}  // namespace

Result<void> check_modes(const std::string& config_path, const Config& config, Log& log) {
  TRY(check(config_path, kOthersWrite, "go-w"));
  TRY(check(config.data, kOthersWrite, "go-w"));
  for (const char* part : {"/keys", "/store"}) TRY(check(config.data + part, kOthersWrite, "go-w"));
  TRY(check(config.data + "/keys", kOthers, "go-rwx"));
  struct stat status{};
  if (::stat(config.data.c_str(), &status) == 0 && (status.st_mode & kOthers) != 0) {
    log.warning("other users can look into the data directory",
                {{"path", config.data}, {"mend_by", "chmod go-rwx " + config.data}});
  }
  return {};
}

}  // namespace chancery::server
