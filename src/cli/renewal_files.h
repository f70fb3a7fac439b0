#pragma once

#include <string>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace chancery::cli {

// RenewalFiles replaces a certificate and, where there is a new one, its key, so that a crash
// leaves a pair that fits or can be made to fit: both are written beside the old ones
// (FILE.renewed) and flushed, then the key is renamed, then the certificate. Modes and, for root,
// owners stay.
class RenewalFiles {
 public:
  RenewalFiles(std::string certificate, std::string key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  // finish_interrupted completes what a crash between the renames left, and removes what one before
  // them left. True when it put a certificate in place. Errors: those of files.
  [[nodiscard]] Result<bool> finish_interrupted() const;

  // install replaces the certificate, and the key when `key_pem` is not empty. Errors: those of
  // files; before the first rename the old pair is untouched.
  [[nodiscard]] Result<void> install(BytesView certificate_pem, const SecretBytes& key_pem) const;

 private:
  [[nodiscard]] std::string staged_certificate() const { return certificate_ + ".renewed"; }
  [[nodiscard]] std::string staged_key() const { return key_ + ".renewed"; }

  std::string certificate_;
  std::string key_;
};

// fits says whether the first certificate of a file certifies the key of another; false when one of
// them is absent or cannot be read.
[[nodiscard]] bool fits(const std::string& certificate_file, const std::string& key_file);

}  // namespace chancery::cli
