#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"
#include "base/time.h"

namespace chancery::acme_test {

// Environment is what Pebble's environment variables say.
struct Environment {
  bool always_valid = false;  // PEBBLE_VA_ALWAYS_VALID: challenges pass unseen
  // PEBBLE_VA_SLEEPTIME: a validation waits for some seconds, fewer than this; PEBBLE_VA_NOSLEEP:
  // 0.
  seconds sleep{5};
  unsigned bad_nonces = 5;         // PEBBLE_WFE_NONCEREJECT, percent of good nonces
  unsigned reuse = 50;             // PEBBLE_AUTHZREUSE, percent of valid authorisations
  std::size_t orders_on_page = 3;  // PEBBLE_WFE_ORDERS_PER_PAGE
  unsigned alternate_roots = 0;    // PEBBLE_ALTERNATE_ROOTS
  unsigned chain_length = 1;       // PEBBLE_CHAIN_LENGTH: certificates between leaf and root
};

// read_environment reads them; `get` gives a variable's value or null. A value that Pebble would
// pass over is an error. Errors: kInvalidArgument with the variable.
[[nodiscard]] Result<Environment> read_environment(
    const std::function<const char*(const char* name)>& get);

}  // namespace chancery::acme_test
