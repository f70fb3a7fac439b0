#pragma once

#include <string>

#include "storage/managed_store.h"

namespace chancery::server {

// store_metrics renders what the store counts in the Prometheus text format. It is asked for rather
// than kept in the registry, so that the store needs to know no metrics. Thread-safe.
[[nodiscard]] std::string store_metrics(const storage::ManagedStore& store);

}  // namespace chancery::server
