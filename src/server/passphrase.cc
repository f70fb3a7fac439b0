#include "server/passphrase.h"

#include <cstdlib>

#include "cli/terminal.h"
#include "keys/software/seal.h"
#include "os/file.h"

namespace chancery::server {

Result<SecretBytes> read_passphrase_file(const std::string& file) {
  return cli::read_secret_line(file);
}

Result<SecretBytes> ask_passphrase(const std::string& prompt, Confirm confirm) {
  constexpr std::string_view kNoTerminal =
      "a passphrase is needed and there is no terminal to ask at; name a passphrase file";
  SecretBytes first = TRY(cli::ask_secret(prompt, kNoTerminal));
  if (confirm == Confirm::kTwice) {
    const SecretBytes second = TRY(cli::ask_secret("Again: ", kNoTerminal));
    if (!constant_time_equal(first.view(), second.view()))
      return fail(Code::kInvalidArgument, "the passphrases differ");
  }
  return first;
}

Result<SecretBytes> read_passphrase(const std::string& keys_directory, const std::string& file,
                                    const std::string& prompt) {
  if (TRY(keys::seal_kind(keys_directory)) == keys::SealKind::kFile) return SecretBytes{};
  if (!file.empty()) return read_passphrase_file(file);
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
    const std::string credential = std::string(credentials) + "/chancery-passphrase";
    if (os::exists(credential)) return read_passphrase_file(credential);
  }
  return ask_passphrase(prompt, Confirm::kOnce);
}

}  // namespace chancery::server
