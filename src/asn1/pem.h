#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace chancery::asn1 {

// PemBlock owns what one block holds and zeroes it when it goes, for it may be a private key;
// parse_pem leaves nothing else of one behind. Who moves `der` out takes that duty over.
struct PemBlock {
  PemBlock(std::string block_label, Bytes content)
      : label(std::move(block_label)), der(std::move(content)) {}
  PemBlock(PemBlock&&) noexcept = default;
  PemBlock& operator=(PemBlock&&) = delete;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() { wipe(der); }

  std::string label;  // "CERTIFICATE"
  Bytes der;
};

// pem writes RFC 7468 text: 64 columns, a newline after the last line.
[[nodiscard]] std::string pem(std::string_view label, BytesView der);

// parse_pem reads every block of a text; what stands between blocks is ignored, what stands inside
// must be base64 of lines ended by LF or CRLF, without headers. Linear in the size of the text.
// Errors: kMalformed (with the line), kNotFound (no block), kTooLarge (over `max_blocks`).
[[nodiscard]] Result<std::vector<PemBlock>> parse_pem(std::string_view text,
                                                      std::size_t max_blocks = 64);

// parse_one_pem wants exactly one block, with this label.
[[nodiscard]] Result<Bytes> parse_one_pem(std::string_view text, std::string_view label);

}  // namespace chancery::asn1
