#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "access/methods.h"
#include "access/tokens.h"
#include "acme/acme.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/time.h"
#include "ca/service.h"
#include "enrol/enrolment.h"
#include "http/site.h"
#include "keys/key_store.h"
#include "server/backup_source.h"
#include "storage/managed_store.h"

// The one place that knows every implementation: to add a store, a key store or a protocol, add its
// folder and its line in registry.cc.
namespace chancery::server {

// open_store opens a store by kind ("sqlite", "memory"). Errors: kInvalidArgument (unknown kind),
// and the engine's own.
[[nodiscard]] Result<std::unique_ptr<storage::ManagedStore>> open_store(
    const std::string& kind, const std::string& directory, Log& log);

// make_store_loader makes a new store of a kind that a restore fills. Errors: kUnsupported (nothing
// lasts in it), and the engine's own.
[[nodiscard]] Result<std::unique_ptr<storage::Loader>> make_store_loader(
    const std::string& kind, const std::string& directory);

// open_key_store unseals the keys of a directory.
[[nodiscard]] Result<std::unique_ptr<keys::KeyStore>> open_key_store(const std::string& directory,
                                                                     BytesView passphrase,
                                                                     Random& random);

struct ProtocolDependencies {
  storage::ManagedStore& store;
  ca::Service& ca;
  access::Policies& policies;
  access::Tokens& tokens;
  access::Methods& methods;
  enrol::Enrolment& enrolment;
  const Clock& clock;
  Random& random;
  Metrics& metrics;
  Log& log;
  NodeFiles files;
  std::string cluster_name;
  std::string cluster_id;
  std::string version;
  std::function<Result<std::vector<std::string>>()> reload;
  std::string key_protection;  // a sentence for the policy page
  acme::Acme& acme;
};

// The plain HTTP listener carries public data only.
enum class Listener : std::uint8_t { kHttps, kHttp };

// Mounted is a protocol's front end and where it stands.
struct Mounted {
  std::string prefix;
  std::unique_ptr<http::Application> application;
  Listener listener = Listener::kHttps;
};
[[nodiscard]] std::vector<Mounted> make_protocols(const ProtocolDependencies& dependencies);

}  // namespace chancery::server
