#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace chancery::asn1 {

// PemBlock owns what one block holds. Who reads private keys wipes `der`; nothing else of them is
// left behind by parse_pem or pem.
struct PemBlock {
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
