#include "validation/network/http_reply.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace chancery::validation::network {
namespace {

constexpr std::size_t kMaxFields = 100;
constexpr std::size_t kMaxChunkLine = 128;

std::unexpected<Error> malformed(std::string_view why) { return fail(Code::kMalformed, why); }

// The next line without its end, which is taken off `rest` as well.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Result<unsigned> parse_status_line(std::string_view line) {
  constexpr std::string_view kForm = "HTTP/1.x 200";
  if (line.size() < kForm.size() || !line.starts_with("HTTP/1.") || !is_digit(line[7]) ||
      line[8] != ' ' || (line.size() > kForm.size() && line[kForm.size()] != ' '))
    return malformed("the answer does not begin with an HTTP/1 status line");
  const std::string_view digits = line.substr(9, 3);
  if (!std::ranges::all_of(digits, is_digit) || digits[0] == '0')
    return malformed("the status is not a number of three digits");
  unsigned status = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return status;
}

bool is_token_char(char c) {
  return c > 0x20 && c < 0x7f &&
         std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
}

Result<std::pair<std::string, std::string>> parse_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 ||
      !std::ranges::all_of(line.substr(0, colon), is_token_char))
    return malformed("a header line is not \"name: value\"");
  const std::string_view value = trim(line.substr(colon + 1));
  if (value.find('\0') != std::string_view::npos || value.find('\r') != std::string_view::npos)
    return malformed("a header's value has a control character");
  return std::pair{to_lower(line.substr(0, colon)), std::string(value)};
}

Result<std::size_t> parse_size(std::string_view text, int base) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return malformed("a length is not a number");
  return size;
}

Result<Body> read_chunks(std::string_view rest) {
  Body body;
  while (true) {
    const auto line = take_line(rest);
    if (!line) {
      if (rest.size() > kMaxChunkLine) return malformed("a chunk's size line is too long");
      return body;
    }
    const std::size_t size = TRY(parse_size(trim(line->substr(0, line->find(';'))), 16));
    if (size == 0) {
      body.complete = true;  // a trailer is nobody's interest
      return body;
    }
    const std::string_view chunk = rest.substr(0, size);
    body.content += chunk;
    if (chunk.size() < size) return body;
    rest.remove_prefix(size);
    if (rest.empty() || rest == "\r") return body;
    const auto ending = take_line(rest);
    if (!ending || !ending->empty()) return malformed("a chunk is longer than its size says");
  }
}

}  // namespace

Result<std::optional<std::string>> ReplyHead::field(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : fields) {
    if (key != name) continue;
    if (found && *found != value)
      return malformed("the header " + std::string(name) + " stands twice");
    found = value;
  }
  return found;
}

std::optional<std::size_t> head_size(std::string_view bytes) {
  for (std::size_t at = 0; (at = bytes.find('\n', at)) != std::string_view::npos; ++at) {
    std::string_view next = bytes.substr(at + 1);
    if (next.starts_with('\n')) return at + 2;
    if (next.starts_with("\r\n")) return at + 3;
  }
  return std::nullopt;
}

std::string_view misfit(std::string_view bytes) {
  constexpr std::string_view kBegin = "HTTP/1.";
  if (bytes.empty() || bytes.starts_with(kBegin) || kBegin.starts_with(bytes)) return {};
  // A SETTINGS frame (type 4) of stream 0 is how an HTTP/2 server begins.
  if (bytes.size() >= 9 && bytes[0] == 0 && bytes[3] == 4 &&
      bytes.substr(5, 4) == std::string_view("\0\0\0\0", 4))
    return "the server answers in HTTP/2 frames to an HTTP/1.1 request; let it speak HTTP/1.1 on "
           "this port";
  if (bytes[0] == 0 && bytes.size() < 9) return {};
  if (bytes.size() >= 2 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 3)
    return "the server speaks TLS on this port; http-01 needs plain HTTP";
  return "the answer is not HTTP";
}

Result<ReplyHead> parse_reply_head(std::string_view head) {
  if (head.size() > kMaxReplyHead) return fail(Code::kTooLarge, "the head is over 16 KiB");
  if (const auto what = misfit(head); !what.empty()) return malformed(what);
  const auto first = take_line(head);
  if (!first) return malformed("the head has no line");
  ReplyHead out;
  out.status = TRY(parse_status_line(*first));
  while (const auto line = take_line(head)) {
    if (line->empty()) return out;
    if (out.fields.size() == kMaxFields) return fail(Code::kTooLarge, "over 100 header lines");
    out.fields.push_back(TRY(parse_field(*line)));
  }
  return malformed("the head does not end");
}

Result<Framing> framing_of(const ReplyHead& head) {
  Framing out;
  const auto coding = TRY(head.field("content-encoding"));
  if (coding && !coding->empty() && !equal_ignoring_case(*coding, "identity"))
    return fail(Code::kUnsupported, "the body is compressed, which was not asked for");
  const auto transfer = TRY(head.field("transfer-encoding"));
  const auto length = TRY(head.field("content-length"));
  if (transfer) {
    if (!equal_ignoring_case(*transfer, "chunked"))
      return fail(Code::kUnsupported, "the transfer coding is not chunked");
    if (length) return malformed("both Transfer-Encoding and Content-Length are there");
    out.chunked = true;
  } else if (length) {
    out.length = TRY(parse_size(*length, 10));
  }
  return out;
}

Result<Body> read_body(const Framing& framing, std::string_view bytes, bool at_end) {
  if (framing.chunked) {
    Body body = TRY(read_chunks(bytes));
    if (at_end && !body.complete) return malformed("the connection ended within a chunk");
    return body;
  }
  if (!framing.length) return Body{std::string(bytes), at_end};
  if (at_end && bytes.size() < *framing.length)
    return malformed("the body is shorter than Content-Length says");
  return Body{std::string(bytes.substr(0, *framing.length)), bytes.size() >= *framing.length};
}

}  // namespace chancery::validation::network
