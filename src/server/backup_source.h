#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "base/ticket.h"
#include "base/time.h"
#include "http/body.h"
#include "protocols/admin/admin_api.h"
#include "storage/managed_store.h"

namespace chancery::server {

// NodeFiles are the files that belong into a backup.
struct NodeFiles {
  std::string keys;    // directory with the seal and the sealed keys
  std::string config;  // chancery.yaml; root-ca.pem beside it
};

// store_id_key is the row that names a store: made with its first backup, made anew by a restore,
// so that backups of two histories are never chained.
[[nodiscard]] const record::StateKey& store_id_key();
[[nodiscard]] std::string make_store_id(Random& random);

// begin_backup takes a snapshot and returns the body that streams it (backup/stream.h). It holds no
// secret that is not sealed: keys are encrypted under the root key, tokens are hashes, and the key
// of a file seal (root.key) stays where it is. Errors: kConflict (`wish` is of another store),
// kInvalidArgument (it is ahead of this one), those of the store.
[[nodiscard]] Result<std::unique_ptr<http::BodySource>> begin_backup(
    storage::ManagedStore& store, const NodeFiles& files, const Clock& clock, Random& random,
    const admin::BackupWish& wish, const OnLane& on_lane);

}  // namespace chancery::server
