#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"

namespace chancery::acme_test {

// RenewalOverrides are the renewal information (RFC 9773) that a test wants for single
// certificates: any text, be it JSON or not. Thread-safe.
class RenewalOverrides {
 public:
  static constexpr std::size_t kMost = 10'000;

  // set takes what is sent for the certificate with this serial number (hex); "" takes it back.
  // Errors: kRefused (too many).
  [[nodiscard]] Result<void> set(const std::string& serial, std::string text) {
    const std::scoped_lock lock(mutex_);
    if (text.empty()) {
      texts_.erase(serial);
      return {};
    }
    if (texts_.size() >= kMost && !texts_.contains(serial))
      return fail(Code::kRefused, "the server keeps 10,000 of these");
    texts_[serial] = std::move(text);
    return {};
  }
  [[nodiscard]] std::optional<std::string> find(const std::string& serial) const {
    const std::scoped_lock lock(mutex_);
    const auto found = texts_.find(serial);
    if (found == texts_.end()) return std::nullopt;
    return found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> texts_;  // guarded by mutex_
};

}  // namespace chancery::acme_test
