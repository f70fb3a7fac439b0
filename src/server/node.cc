#include "server/node.h"

#include "ca/mass_revocation.h"
#include "ca/tidier.h"
#include "keys/software/seal.h"
#include "os/file.h"
#include "server/registry.h"

namespace chancery::server {
namespace {

std::string keys_directory(const std::string& directory) { return directory + "/keys"; }
std::string store_directory(const std::string& directory) { return directory + "/store"; }

Result<std::shared_ptr<const crypto::WeakKeyList>> read_weak_keys(
    const std::vector<std::string>& paths) {
  if (paths.empty()) return nullptr;
  auto list = std::make_shared<crypto::WeakKeyList>();
  for (const std::string& path : paths) {
    const Bytes content = TRY(os::read_file(path, crypto::kMaxWeakKeyListBytes));
    if (auto added = list->add(as_text(content)); !added)
      return std::unexpected(std::move(added).error().with("file", path));
  }
  return list;
}

}  // namespace

const record::Scope& pki_scope() {
  static const record::Scope kScope{"root", "pki/"};
  return kScope;
}

Result<void> Node::create(const Options& options, Random& random) {
  TRY(os::make_directory(options.directory));
  TRY(os::make_directory(keys_directory(options.directory)));
  TRY(os::make_directory(store_directory(options.directory)));
  if (options.passphrase.empty())
    return keys::create_file_seal(keys_directory(options.directory), random);
  return keys::create_passphrase_seal(keys_directory(options.directory), options.passphrase, {},
                                      random);
}

Result<std::unique_ptr<Node>> Node::open(const Options& options, const Clock& clock, Random& random,
                                         Log& log) {
  std::unique_ptr<Node> node(new Node);
  auto weak_keys = TRY(read_weak_keys(options.weak_keys));
  node->keys_ = TRY(open_key_store(keys_directory(options.directory), options.passphrase, random));
  node->store_ = TRY(open_store(options.store_kind, store_directory(options.directory), log));
  if (options.watches_clock) {
    node->clock_watch_ = std::make_unique<ca::ClockWatch>(clock, ca::ClockWatch::since_boot, log);
    if (!options.accepts_clock) TRY(node->clock_watch_->expect_after(node->store_->log()));
  }
  node->ca_ = std::make_unique<ca::Service>(ca::Dependencies{*node->store_, *node->keys_, clock,
                                                             random, log, node->clock_watch_.get(),
                                                             std::move(weak_keys)});
  return node;
}

void Node::stop() {
  if (ca_) {
    ca_->mass_revocation().stop();
    ca_->tidier().stop();
  }
  if (store_) store_->stop();
}

}  // namespace chancery::server
