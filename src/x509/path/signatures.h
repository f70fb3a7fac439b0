#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "crypto/public_key.h"
#include "x509/certificate.h"
#include "x509/path/budget.h"
#include "x509/path/findings.h"

namespace chancery::x509::path {

// SignatureChecks verifies signatures and remembers the outcomes, so that a search which comes by
// the same certificates again pays once. Not thread-safe.
class SignatureChecks {
 public:
  explicit SignatureChecks(Budget& budget) : budget_(budget) {}

  // Nothing when it verifies; otherwise what was wrong. `of_issuer` says whether the fault is in
  // the issuer's key and not in the signature.
  struct Fault {
    Rule rule{};
    std::string message;
    bool of_issuer = false;
  };
  [[nodiscard]] const std::optional<Fault>& check(const Certificate& child,
                                                  const Certificate& issuer);

  // key parses a certificate's public key. The fault is kKeyWeak or kKeyUnsupported.
  using Key = std::expected<crypto::PublicKey, Fault>;
  [[nodiscard]] const Key& key(const Certificate& certificate);

  [[nodiscard]] Budget& budget() { return budget_; }

 private:
  std::optional<Fault> verify(const Certificate& child, const Certificate& issuer);

  // A certificate's DER address is its identity here; keeping a copy keeps the address taken.
  using Address = const std::uint8_t*;
  struct Outcome {
    Certificate child;
    std::optional<Fault> fault;
  };
  struct KnownKey {
    Certificate certificate;
    Key key;
  };
  Budget& budget_;
  std::map<std::pair<Address, Address>, Outcome> outcomes_;
  std::map<Address, KnownKey> keys_;
};

}  // namespace chancery::x509::path
