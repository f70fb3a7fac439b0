#pragma once

#include <thread>

#include "enrol/keys_ahead.h"

namespace chancery::server {

// KeyFiller makes keys ahead from its construction to its destruction, on a thread of the lowest
// priority (nice 19): while others want the cores it gets next to nothing of them.
class KeyFiller {
 public:
  explicit KeyFiller(enrol::KeysAhead& keys);
  ~KeyFiller();
  KeyFiller(const KeyFiller&) = delete;
  KeyFiller& operator=(const KeyFiller&) = delete;

 private:
  enrol::KeysAhead& keys_;
  std::thread thread_;
};

}  // namespace chancery::server
