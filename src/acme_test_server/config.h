#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/algorithm.h"
#include "server/config.h"

namespace chancery::acme_test {

struct Profile {
  std::string name;
  std::string description;
  seconds validity{90LL * 86'400};
  bool takes_common_name = false;  // the request's
};

// Config is what Pebble's configuration file says. The defaults are those without a file.
struct Config {
  server::Endpoint listen{"127.0.0.1", 14000};
  std::optional<server::Endpoint> management = server::Endpoint{"127.0.0.1", 15000};
  std::string certificate;  // file; empty: the server makes its own
  std::string private_key;  // file
  std::uint16_t http_port = 5002;
  std::uint16_t tls_port = 5001;
  std::string ocsp_url;
  bool eab_required = false;
  std::map<std::string, Bytes> eab_keys;  // by key identifier
  std::vector<std::string> caa_identities{"pebble.letsencrypt.org"};
  std::vector<std::string> blocked_domains;  // these and everything below them
  seconds retry_after_authorization{3};      // 0: no header
  seconds retry_after_order{5};              // 0: no header
  crypto::KeyType key_type{crypto::KeyAlgorithm::kEcdsaP256, 0};
  std::vector<Profile> profiles{{"default", "The default profile"}};
};

// ReadConfig is a configuration with what its reader should know.
struct ReadConfig {
  Config config;
  std::vector<std::string> warnings;
};

// parse_config reads the JSON file of Pebble (test/config/pebble-config.json). As there, keys are
// compared without regard to case, and what is absent is off. A key that is nearly one of Pebble's
// is an error that names it; others, which Pebble passes over in silence, are warned of. Errors:
// kMalformed (JSON), kInvalidArgument with the key.
[[nodiscard]] Result<ReadConfig> parse_config(std::string_view json);

// confine keeps the listeners on the loopback interface unless `exposed`: an address that stands
// for all becomes 127.0.0.1, which is said in a warning. Errors: kRefused (another machine's side
// of an interface).
[[nodiscard]] Result<std::vector<std::string>> confine(Config& config, bool exposed);

// parse_listen_address reads "127.0.0.1:14000", "[::1]:14000", "localhost:14000" and ":14000",
// which stands for all addresses. Errors: kInvalidArgument.
[[nodiscard]] Result<server::Endpoint> parse_listen_address(std::string_view text);

}  // namespace chancery::acme_test
