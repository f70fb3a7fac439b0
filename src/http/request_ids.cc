#include "http/request_ids.h"

#include <string_view>

namespace chancery::http {

void RequestIds::next(std::string& out) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  if (used_ == block_.size()) {
    random_.fill(block_);
    used_ = 0;
  }
  std::uint8_t* const id = block_.data() + used_;
  used_ += kSize;
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x40);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  out.resize(36);
  std::size_t at = 0;
  for (std::size_t i = 0; i < kSize; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out[at++] = '-';
    out[at++] = kDigits[id[i] >> 4];
    out[at++] = kDigits[id[i] & 0x0f];
  }
}

}  // namespace chancery::http
