#include "server/server_checks.h"

#include <unistd.h>

#include <charconv>

#include "crypto/version.h"
#include "keys/software/seal.h"
#include "os/file.h"
#include "os/port_user.h"

namespace chancery::server {
namespace {

constexpr std::size_t kMaxConfigSize = 1024 * 1024;
constexpr std::uint64_t kMiB = 1024 * std::uint64_t{1024};

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string where_of(const Error& error, std::string_view key) {
  for (const Context& step : error.where) {
    if (step.key == key) return step.value;
  }
  return {};
}

std::string located(const std::string& file, const Error& error) {
  const std::string line = where_of(error, "line");
  const std::string key = where_of(error, "key");
  return file + (line.empty() ? "" : ":" + line) + ": " + (key.empty() ? "" : key + ": ") +
         error.detail;
}

void check_passphrase_file(const Config& config, cli::Checks& checks) {
  constexpr const char* kName = "passphrase file";
  const std::string& file = config.passphrase_file;
  if (file.empty()) return;
  if (!os::exists(file))
    return checks.problem(kName, file + " does not exist",
                          "write the passphrase into it, or set seal.passphrase_file");
  if (!os::private_enough(file))
    return checks.problem(kName, file + " can be read by others", "chmod 600 " + file);
  checks.ok(kName, file);
}

void check_endpoints(const Config& config, cli::Checks& checks) {
  if (config.https.port != 0 && config.https.port == config.http.port &&
      config.https.address == config.http.address)
    checks.problem("listeners", "listeners.https and listeners.http are the same",
                   "give them different ports");
}

void check_data(const Config& config, cli::Checks& checks) {
  constexpr const char* kName = "data directory";
  const auto status = os::status_of(config.data);
  if (!status) {
    return checks.problem(kName, status.error().to_string(),
                          "chancery init --data DIR, or set data in the configuration");
  }
  const std::string text = config.data;
  if ((status->mode & 0077) != 0)
    return checks.problem(kName, text + " is open to others", "chmod 700 " + text);
  const unsigned self = ::geteuid();
  if (status->owner != self) {
    const std::string owners = text + " belongs to user " + std::to_string(status->owner) +
                               ", this is user " + std::to_string(self);
    return checks.warning(kName, owners, "run the server, and doctor, as the directory's owner");
  }
  checks.ok(kName, text);
}

void check_seal(const Config& config, cli::Checks& checks) {
  constexpr const char* kName = "seal";
  const auto kind = keys::seal_kind(config.data + "/keys");
  if (!kind) return;  // the data directory was told already, or there is none yet
  if (*kind == keys::SealKind::kFile) {
    checks.warning(kName, "the keys are sealed by a file beside them (init --dev)",
                   "make a PKI without --dev before it is used in earnest");
  } else {
    checks.ok(kName, "a passphrase");
  }
}

void check_disk(const Config& config, cli::Checks& checks) {
  constexpr const char* kName = "disk";
  const auto free = os::free_bytes(config.data);
  if (!free) return;
  const std::string text = std::to_string(*free / kMiB) + " MiB free at " + config.data;
  constexpr const char* kMend = "make space: without it nothing is issued";
  if (*free < 100 * kMiB) {
    checks.problem(kName, text, kMend);
  } else if (*free < 1024 * kMiB) {
    checks.warning(kName, text, kMend);
  } else {
    checks.ok(kName, text);
  }
}

void check_port(const Endpoint& endpoint, std::string_view key, cli::Checks& checks) {
  const std::string name = "port " + std::to_string(endpoint.port);
  if (endpoint.port == 0) return;
  const auto user = os::port_user(endpoint.port);
  if (!user) {
    if (endpoint.port < 1024 && ::geteuid() != 0) {
      return checks.warning(name, "free, but ports below 1024 need a right",
                            "setcap cap_net_bind_service=+ep on the program, or another port");
    }
    return checks.ok(name, "free");
  }
  if (user->program == "chancery")
    return checks.ok(name, "chancery listens, process " + std::to_string(user->pid));
  const std::string who = user->pid == 0 ? "another user's process"
                                         : user->program + ", process " + std::to_string(user->pid);
  checks.problem(name, "taken by " + who,
                 "end that process, or set " + std::string(key) + " to another port");
}

void check_secrets(const std::string& directory, cli::Checks& checks) {
  const std::string token = directory + "/root-token";
  if (os::exists(token)) {
    if (os::private_enough(token)) {
      checks.ok("root token", token);
    } else {
      checks.problem("root token", token + " can be read by others", "chmod 600 " + token);
    }
  }
  const std::string root = directory + "/offline-root";
  if (os::exists(root)) {
    checks.warning("offline root", root + " still lies on this machine",
                   "move it to a medium that is kept in a safe");
  }
}

void check_library(cli::Checks& checks) {
  const std::string version = crypto::library_version();
  unsigned major = 0;
  unsigned minor = 0;
  const char* const end = version.data() + version.size();
  const auto [dot, error] = std::from_chars(version.data(), end, major);
  if (error == std::errc{} && dot != end) std::from_chars(dot + 1, end, minor);
  const bool new_enough = major > 3 || (major == 3 && minor >= 5);
  if (new_enough) {
    checks.ok("OpenSSL", version);
  } else {
    checks.problem("OpenSSL", version + " is older than 3.5",
                   "install OpenSSL 3.5, or let scripts/setup build it");
  }
}

}  // namespace

std::optional<Config> add_config_checks(const std::string& file, cli::Checks& checks) {
  constexpr const char* kName = "configuration";
  const auto content = os::read_file(file, kMaxConfigSize);
  if (!content) {
    checks.problem(kName, content.error().to_string(), "name the chancery.yaml that init wrote");
    return {};
  }
  ConfigCheck check = check_config(as_text(*content));
  for (const Error& error : check.errors)
    checks.problem(kName, located(file, error), "chancery config docs   (says every key)");
  if (!check.errors.empty()) return {};
  resolve_paths(check.config, directory_of(file));
  checks.ok(kName, file);
  check_endpoints(check.config, checks);
  check_passphrase_file(check.config, checks);
  return check.config;
}

void add_machine_checks(const Config& config, const std::string& config_file, cli::Checks& checks) {
  check_library(checks);
  check_data(config, checks);
  check_seal(config, checks);
  check_secrets(directory_of(config_file), checks);
  check_disk(config, checks);
  check_port(config.https, "listeners.https", checks);
  check_port(config.http, "listeners.http", checks);
}

cli::Exit run_doctor(const cli::DoctorOptions& options, const cli::Common& common) {
  cli::Checks checks;
  if (!options.config.empty()) {
    if (const auto config = add_config_checks(options.config, checks))
      add_machine_checks(*config, options.config, checks);
  }
  cli::add_client_checks(common, checks);
  return cli::report_checks(checks, common.format);
}

}  // namespace chancery::server
