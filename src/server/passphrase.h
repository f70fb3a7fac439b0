#pragma once

#include <string>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace chancery::server {

// read_passphrase gets the passphrase for a directory's seal: from `file`, else from the service
// manager's credential "chancery-passphrase" (systemd's LoadCredential), else by asking at the
// terminal. Empty for a file seal. Errors: kUnauthenticated (nobody to ask), those of files.
[[nodiscard]] Result<SecretBytes> read_passphrase(const std::string& keys_directory,
                                                  const std::string& file,
                                                  const std::string& prompt);
// read_passphrase_file takes the first line of a file.
[[nodiscard]] Result<SecretBytes> read_passphrase_file(const std::string& file);
// ask_passphrase asks at the terminal without echo; `confirm` asks twice. Errors: kUnauthenticated
// (no terminal), kInvalidArgument (the two differ).
enum class Confirm : std::uint8_t { kOnce, kTwice };
[[nodiscard]] Result<SecretBytes> ask_passphrase(const std::string& prompt, Confirm confirm);

}  // namespace chancery::server
