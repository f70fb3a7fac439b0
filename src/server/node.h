#pragma once

#include <memory>
#include <string>

#include "access/tokens.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/time.h"
#include "ca/clock_watch.h"
#include "ca/service.h"
#include "keys/key_store.h"
#include "storage/managed_store.h"

namespace chancery::server {

// The one PKI mount there is, and the limits it adds to roles.
[[nodiscard]] const record::Scope& pki_scope();

// Node is one data directory, open: store, keys, and the domain services over them. The server has
// one; init has one for the issuing side and one for the offline root.
//
//   <directory>/store/  history and state    <directory>/keys/  sealed private keys
class Node {
 public:
  struct Options {
    std::string directory;
    std::string store_kind = "sqlite";
    BytesView passphrase;  // opens a passphrase seal
    // Whether it issues only while the clock can be believed, and if so, whether that is so without
    // regard to the history.
    bool watches_clock = false;
    bool accepts_clock = false;
    std::vector<std::string> weak_keys{};  // files that crypto::WeakKeyList reads
  };

  // create makes the directories and the seal of a new node: by passphrase, or by a file when
  // `passphrase` is empty. Errors: kAlreadyExists and those of files.
  [[nodiscard]] static Result<void> create(const Options& options, Random& random);
  // open unseals the keys and opens the store. Errors: kUnauthenticated (passphrase), kDataLoss,
  // kUnavailable, kMalformed (a file of weak keys, with the line).
  [[nodiscard]] static Result<std::unique_ptr<Node>> open(const Options& options,
                                                          const Clock& clock, Random& random,
                                                          Log& log);
  ~Node() { stop(); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // stop ends what commits in the background, commits what is queued and refuses what comes later:
  // for the time before observers of commits go, which the committer calls. Idempotent.
  void stop();

  [[nodiscard]] storage::ManagedStore& store() { return *store_; }
  [[nodiscard]] keys::KeyStore& keys() { return *keys_; }
  [[nodiscard]] ca::Service& ca() { return *ca_; }
  // Null when it watches none.
  [[nodiscard]] ca::ClockWatch* clock_watch() { return clock_watch_.get(); }

 private:
  Node() = default;
  // Destroyed in reverse: the service before the store it observes.
  std::unique_ptr<keys::KeyStore> keys_;
  std::unique_ptr<storage::ManagedStore> store_;
  std::unique_ptr<ca::ClockWatch> clock_watch_;
  std::unique_ptr<ca::Service> ca_;
};

}  // namespace chancery::server
