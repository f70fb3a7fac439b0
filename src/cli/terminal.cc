#include "cli/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

#include "os/file.h"

namespace chancery::cli {
namespace {

constexpr std::size_t kMaxPassword = 1024;

std::string_view escape(Colour colour) {
  switch (colour) {
    case Colour::kGreen:
      return "\x1b[32m";
    case Colour::kYellow:
      return "\x1b[33m";
    case Colour::kRed:
      return "\x1b[31m";
    case Colour::kBold:
      return "\x1b[1m";
    case Colour::kDim:
      return "\x1b[2m";
  }
  return "";
}

SecretBytes first_line(SecretBytes content) {
  const BytesView view = content.view();
  std::size_t length = 0;
  while (length < view.size() && view[length] != '\n' && view[length] != '\r') ++length;
  content.shrink(length);
  return content;
}

// QuietTerminal has echo switched off while it lives.
class QuietTerminal {
 public:
  QuietTerminal() : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0 || ::tcgetattr(fd_, &saved_) != 0) return;
    termios quiet = saved_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    usable_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (usable_) ::tcsetattr(fd_, TCSAFLUSH, &saved_);
    if (fd_ >= 0) ::close(fd_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  [[nodiscard]] bool usable() const { return usable_; }
  void write(std::string_view text) const { (void)!::write(fd_, text.data(), text.size()); }
  [[nodiscard]] SecretBytes read_line() const {
    SecretBytes line(kMaxPassword);
    const ssize_t n = ::read(fd_, line.mutable_view().data(), line.size());
    line.shrink(n > 0 ? static_cast<std::size_t>(n) : 0);
    return first_line(std::move(line));
  }

 private:
  int fd_;
  termios saved_{};
  bool usable_ = false;
};

}  // namespace

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

Paint Paint::for_stream(std::FILE* stream) {
  const char* term = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  const bool refused = no_color != nullptr && *no_color != '\0';
  return Paint(is_terminal(stream) && !refused && term != nullptr &&
               std::string_view(term) != "dumb");
}

std::string Paint::operator()(Colour colour, std::string_view text) const {
  if (!on_) return std::string(text);
  return std::string(escape(colour)) + std::string(text) + "\x1b[0m";
}

Result<SecretBytes> ask_secret(const std::string& prompt, std::string_view no_terminal) {
  const QuietTerminal terminal;
  if (!terminal.usable()) return fail(Code::kUnauthenticated, no_terminal);
  terminal.write(prompt);
  SecretBytes line = terminal.read_line();
  terminal.write("\n");
  return line;
}

Result<SecretBytes> read_secret_line(const std::string& file) {
  return first_line(TRY(os::read_secret_file(file, kMaxPassword)));
}

Result<SecretBytes> read_password(const std::string& file, const std::string& prompt) {
  if (!file.empty()) return read_secret_line(file);
  return ask_secret(prompt,
                    "a password is needed and there is no terminal to ask at; use --password-file");
}

}  // namespace chancery::cli
