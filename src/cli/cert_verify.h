#pragma once

#include <string>
#include <vector>

#include "cli/options.h"

namespace chancery::cli {

struct VerifyOptions {
  std::string file;                // the target; certificates behind it are intermediates
  std::vector<std::string> chain;  // files with intermediates
  std::vector<std::string> trust;  // files with anchors, or "system"
  std::string host;
  std::string purpose;
  std::string time;  // RFC 3339; "" is now
  std::vector<std::string> policies;
  bool require_policy = false;
  std::vector<std::string> crls;
  std::vector<std::string> ocsp;
  std::string revocation;  // off, if-available, required; "": by whether lists are given
};

// cert_verify validates a certificate's path and explains every step; it asks no server.
[[nodiscard]] Exit cert_verify(const VerifyOptions& options, const Common& common);

}  // namespace chancery::cli
