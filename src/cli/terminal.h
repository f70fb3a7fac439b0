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

// read_password takes the first line of `file`, or asks at the terminal, without echo, when `file`
// is empty. Errors: kUnauthenticated (no terminal), those of files.
[[nodiscard]] Result<SecretBytes> read_password(const std::string& file, const std::string& prompt);

}  // namespace chancery::cli
