#pragma once

#include <optional>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/time.h"
#include "crypto/algorithm.h"
#include "server/config.h"

namespace chancery::server {

// What `chancery init` makes a hierarchy of: an offline root, an issuing CA and the server's
// configuration.
struct InitRequest {
  std::string directory;
  std::string organization = "Example";
  crypto::KeyType root_key{crypto::KeyAlgorithm::kEcdsaP384, 0};
  crypto::KeyType issuing_key{crypto::KeyAlgorithm::kEcdsaP256, 0};
  seconds root_lifetime{seconds{20LL * 365 * 86'400}};
  seconds issuing_lifetime{seconds{5LL * 365 * 86'400}};
  std::string
      base_url;   // "http://pki.example.com": where relying parties reach the plain HTTP listener
  Config config;  // listeners and names
  SecretBytes passphrase;       // seals the server's keys; empty: a file seal
  SecretBytes root_passphrase;  // seals the offline root's keys; empty: a file seal
};

struct InitResult {
  std::string root_subject;
  std::string issuing_subject;
  TimePoint root_not_after;
  TimePoint issuing_not_after;
  std::string root_fingerprint;  // SHA-256, colon-separated hex
};

// initialise makes, in an empty or absent directory:
//
//   chancery.yaml  root-token  root-ca.pem  server/ (store, keys)  offline-root/ (store, keys,
//   root-ca.pem)
//
// The server never reads offline-root/: it belongs on a medium of its own. chancery.yaml is written
// last, so a directory without it is an init that did not finish. Errors: kAlreadyExists (the
// directory is not empty), and those of files, keys and stores.
[[nodiscard]] Result<InitResult> initialise(const InitRequest& request, const Clock& clock,
                                            Random& random, Log& log);

}  // namespace chancery::server
