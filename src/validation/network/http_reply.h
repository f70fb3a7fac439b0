#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

// Pure readers of what a web server answers (RFC 9112), for the few things that http-01 needs.
namespace chancery::validation::network {

inline constexpr std::size_t kMaxReplyHead = 16 * 1024;

struct ReplyHead {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case

  // field is the only value with that name; nothing when there is none. Errors: kMalformed (two
  // that differ).
  [[nodiscard]] Result<std::optional<std::string>> field(std::string_view name) const;
};

// head_size is how long the head at the front of `bytes` is, its blank line included; nothing when
// its end is not there yet.
[[nodiscard]] std::optional<std::size_t> head_size(std::string_view bytes);

// parse_reply_head reads a whole head. Errors: kMalformed, with what it is instead where that can
// be told (HTTP/2 frames, TLS); kTooLarge (over kMaxReplyHead or 100 fields).
[[nodiscard]] Result<ReplyHead> parse_reply_head(std::string_view head);

// misfit says what the first octets of an answer are when they cannot be HTTP/1; "" when they can.
[[nodiscard]] std::string_view misfit(std::string_view bytes);

// Framing says where a body ends.
struct Framing {
  bool chunked = false;
  std::optional<std::size_t> length;  // neither: at the end of the connection
};
// framing_of reads it from a head. Errors: kMalformed, kUnsupported (a compressed body, another
// transfer coding).
[[nodiscard]] Result<Framing> framing_of(const ReplyHead& head);

struct Body {
  std::string content;
  bool complete = false;
};
// read_body takes what has come so far. Errors: kMalformed (chunks).
[[nodiscard]] Result<Body> read_body(const Framing& framing, std::string_view bytes, bool at_end);

}  // namespace chancery::validation::network
