#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "ca/authority.h"
#include "crypto/digest.h"

namespace chancery::ca {

// SignatureMemo remembers which certificate signed which, so that a list that is made again costs
// no signature checks but those of its new members. Bounded. Thread-safe.
class SignatureMemo {
 public:
  [[nodiscard]] bool signed_by(const x509::Certificate& child, const x509::Certificate& issuer);

 private:
  std::mutex mutex_;
  std::map<std::pair<crypto::Sha256, crypto::Sha256>, bool> known_;  // fingerprints
};

// find_chains gives for each authority of a mount the certificates above it, nearest first: its
// manual chain, or the way up through the mount's own certificates and those that its record holds;
// to a root where there is one. Where several ways lead up, the most recent certificate is taken
// first. Errors: those of parsing the stored certificates.
[[nodiscard]] Result<std::vector<std::vector<Bytes>>> find_chains(
    const std::vector<AuthorityRecord>& authorities, SignatureMemo& signatures);

// find_parent gives the index of the authority whose key signed `certificate`, or nothing.
[[nodiscard]] std::optional<std::size_t> find_parent(
    const x509::Certificate& certificate, const std::vector<x509::Certificate>& authorities);

}  // namespace chancery::ca
