#include "cli/standard_input.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace chancery::cli {
namespace {

std::string amount(std::size_t bytes) {
  constexpr std::size_t kMiB = 1024 * 1024;
  return bytes % kMiB == 0 ? std::to_string(bytes / kMiB) + " MiB"
                           : std::to_string(bytes) + " bytes";
}

}  // namespace

Result<SecretBytes> read_standard_input(std::size_t most) {
  Bytes content;
  const Wiped wiped(content);
  std::array<std::uint8_t, 64 * 1024> piece{};
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return fail(Code::kUnavailable,
                  std::string("cannot read standard input: ") + std::strerror(errno));
    if (n == 0) break;
    if (content.size() + static_cast<std::size_t>(n) > most)
      return fail(Code::kTooLarge, "standard input has more than " + amount(most));
    content.insert(content.end(), piece.begin(), piece.begin() + n);
    wipe(piece);
  }
  return SecretBytes(BytesView(content));
}

}  // namespace chancery::cli
