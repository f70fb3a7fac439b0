#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/secret_bytes.h"

namespace chancery::cli {

enum class Colour : std::uint8_t { kGreen, kYellow, kRed, kBold, kDim };

// Paint colours text, or leaves it as it is.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  // for_stream is on for a terminal, unless NO_COLOR is set or TERM is "dumb".
  [[nodiscard]] static Paint for_stream(std::FILE* stream);
  [[nodiscard]] std::string operator()(Colour colour, std::string_view text) const;

 private:
  bool on_;
};

[[nodiscard]] bool is_terminal(std::FILE* stream);

// ask_secret asks at the terminal, without echo. `no_terminal` is what to say when there is none.
// Errors: kUnauthenticated (no terminal).
[[nodiscard]] Result<SecretBytes> ask_secret(const std::string& prompt,
                                             std::string_view no_terminal);
// read_secret_line takes the first line of a file. Errors: those of files.
[[nodiscard]] Result<SecretBytes> read_secret_line(const std::string& file);
// read_password is read_secret_line, or ask_secret when `file` is empty.
[[nodiscard]] Result<SecretBytes> read_password(const std::string& file, const std::string& prompt);

}  // namespace chancery::cli
