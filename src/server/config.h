#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/stderr_log.h"
#include "server/validation_config.h"

namespace chancery::server {

struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
};

// Config is the process's own configuration, read at start and at each reload. Everything about PKI
// (authorities, roles, ...) lives in the store behind the API instead.
struct Config {
  std::string data = "server";  // store and keys
  std::string store = "sqlite";
  std::string passphrase_file;  // opens the seal; empty: ask at the terminal, or a file seal
  Endpoint https{"127.0.0.1", 8200};
  Endpoint http{"127.0.0.1", 8280};
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  std::vector<std::string> weak_keys;  // files
  std::string crl_directory;           // where CRLs are written for a web server; empty: nowhere
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::string access_log = "off";  // "off", "log" or a file
  unsigned reactors = 0;           // 0: one a core
  unsigned cpu_threads = 0;        // 0: one a core
  std::size_t keys_ahead = 512;    // of each slow kind
  std::size_t max_body_bytes = 1024 * 1024;
  std::size_t max_connections = 20'000;
  std::chrono::seconds idle_timeout{75};
  std::chrono::seconds stop_grace{30};
  std::string trace_endpoint;     // empty: no traces
  unsigned trace_permille = 100;  // of requests that belong to no trace yet
  ValidationConfig validation;
};

// Key is one configuration key, as read, checked and documented.
struct Key {
  std::string_view path;  // "listeners.https"
  std::string_view type;  // "address:port", "text", "list of text", "number", "duration", ...
  std::string_view doc;
  bool live = false;            // a reload can change it; the others need a restart
  std::string default_value{};  // as it is written in the file
};
[[nodiscard]] const std::vector<Key>& config_keys();
// changed_keys are the keys whose values differ, in the order of config_keys.
[[nodiscard]] std::vector<Key> changed_keys(const Config& before, const Config& after);

// check_config reads YAML and goes on after an error, so that a person sees all of them at once.
struct ConfigCheck {
  Config config;
  std::vector<Error> errors;  // each with the key and the line where there is one
};
[[nodiscard]] ConfigCheck check_config(std::string_view yaml);

// parse_config reads YAML. An unknown key, a wrong type or a value out of range is an error that
// names the key and, where one is near, the key that was probably meant. Errors: kMalformed,
// kInvalidArgument.
[[nodiscard]] Result<Config> parse_config(std::string_view yaml);
// load_config reads a file; relative paths in it are taken from the file's own directory.
[[nodiscard]] Result<Config> load_config(const std::string& path);
// resolve_paths takes relative paths from `directory`.
void resolve_paths(Config& config, const std::string& directory);
// to_yaml writes a configuration file with a comment on every key.
[[nodiscard]] std::string to_yaml(const Config& config);

// parse_endpoint reads "127.0.0.1:8200" or "[::1]:8200". Errors: kMalformed.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

}  // namespace chancery::server
