#pragma once

#include <string>

#include "access/methods.h"
#include "base/log.h"
#include "ca/hierarchy.h"

namespace chancery::server {

// MountSweep destroys the keys of removed mounts, removes the rows that these left, a page a call,
// and every ten minutes goes through the secrets of all AppRole mounts for those that are dead, a
// page a call. A job for Upkeep; one thread at a time.
class MountSweep {
 public:
  MountSweep(access::Methods& methods, ca::Hierarchy& hierarchy, record::Committer& committer,
             const Clock& clock, Log& log)
      : methods_(methods), hierarchy_(hierarchy), committer_(committer), clock_(clock), log_(log) {}

  void tend();

 private:
  void tend_removed();
  [[nodiscard]] bool destroy_keys();
  void tend_secrets();
  [[nodiscard]] access::Mounts::Entry next_mount() const;

  access::Methods& methods_;
  ca::Hierarchy& hierarchy_;
  record::Committer& committer_;
  const Clock& clock_;
  Log& log_;
  std::string mount_;  // the path of the one under way; "" between rounds
  std::string next_;   // where it goes on
  TimePoint round_{};  // when the last round began
};

}  // namespace chancery::server
