#include "server/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

#include "keys/software/seal.h"
#include "os/file.h"

namespace chancery::server {
namespace {

constexpr std::size_t kMaxPassphrase = 1024;

SecretBytes first_line(SecretBytes content) {
  const BytesView view = content.view();
  std::size_t length = 0;
  while (length < view.size() && view[length] != '\n' && view[length] != '\r') ++length;
  content.shrink(length);
  return content;
}

// Terminal switches echo off while it lives.
class Terminal {
 public:
  Terminal() : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0 || ::tcgetattr(fd_, &saved_) != 0) return;
    termios quiet = saved_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  ~Terminal() {
    if (changed_) ::tcsetattr(fd_, TCSAFLUSH, &saved_);
    if (fd_ >= 0) ::close(fd_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] bool usable() const { return changed_; }
  void write(std::string_view text) const { (void)!::write(fd_, text.data(), text.size()); }
  [[nodiscard]] SecretBytes read_line() const {
    SecretBytes line(kMaxPassphrase);
    const ssize_t n = ::read(fd_, line.mutable_view().data(), line.size());
    line.shrink(n > 0 ? static_cast<std::size_t>(n) : 0);
    return first_line(std::move(line));
  }

 private:
  int fd_;
  termios saved_{};
  bool changed_ = false;
};

}  // namespace

Result<SecretBytes> read_passphrase_file(const std::string& file) {
  return first_line(TRY(os::read_secret_file(file, kMaxPassphrase)));
}

Result<SecretBytes> ask_passphrase(const std::string& prompt, Confirm confirm) {
  const Terminal terminal;
  if (!terminal.usable()) {
    return fail(
        Code::kUnauthenticated,
        "a passphrase is needed and there is no terminal to ask at; name a passphrase file");
  }
  terminal.write(prompt);
  SecretBytes first = terminal.read_line();
  terminal.write("\n");
  if (confirm == Confirm::kTwice) {
    terminal.write("Again: ");
    const SecretBytes second = terminal.read_line();
    terminal.write("\n");
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
