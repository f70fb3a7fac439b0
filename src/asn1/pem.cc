#include "asn1/pem.h"

#include <optional>

#include "base/text.h"

namespace chancery::asn1 {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

std::optional<std::string_view> label_of(std::string_view line, std::string_view marker) {
  if (!line.starts_with(marker)) return std::nullopt;
  line.remove_prefix(marker.size());
  if (!line.ends_with(kDashes)) return std::nullopt;
  line.remove_suffix(kDashes.size());
  return line;
}

std::unexpected<Error> error_at(std::size_t line, std::string_view detail) {
  return std::unexpected(
      Error{Code::kMalformed, std::string(detail), {}, {}}.with("line", std::to_string(line)));
}

// Base64 of a block, which may be a private key: wiped, and never grown, since a grown string
// leaves its old memory behind.
class Body {
 public:
  explicit Body(std::size_t capacity) { text_.reserve(capacity); }
  ~Body() { wipe(text_); }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  void add(std::string_view line) { text_ += line; }
  void clear() { wipe(text_); }
  [[nodiscard]] std::string_view view() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::string pem(std::string_view label, BytesView der) {
  std::string body = base64(der);
  std::string text;
  text.reserve(body.size() + body.size() / 64 + 2 * label.size() + 40);
  text.append(kBegin).append(label).append(kDashes).push_back('\n');
  for (std::size_t at = 0; at < body.size(); at += 64) text.append(body, at, 64).push_back('\n');
  text.append(kEnd).append(label).append(kDashes).push_back('\n');
  wipe(body);
  return text;
}

Result<std::vector<PemBlock>> parse_pem(std::string_view text, std::size_t max_blocks) {
  std::vector<PemBlock> blocks;
  std::optional<std::string> open;
  Body body(text.size());
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (!open) {
      const auto label = label_of(line, kBegin);
      if (!label) continue;
      if (blocks.size() == max_blocks) return fail(Code::kTooLarge, "too many PEM blocks");
      open = std::string(*label);
      body.clear();
      continue;
    }
    const auto label = label_of(line, kEnd);
    if (!label) {
      if (line.starts_with(kDashes))
        return error_at(number, "PEM block is not ended before the next begins");
      body.add(line);
      continue;
    }
    if (*label != *open) return error_at(number, "PEM END label differs from BEGIN");
    auto der = parse_base64(body.view());
    if (!der) return error_at(number, "PEM body: " + der.error().detail);
    blocks.emplace_back(*std::move(open), *std::move(der));
    open.reset();
  }
  if (open) return error_at(number, "PEM block has no END line");
  if (blocks.empty()) return fail(Code::kNotFound, "text contains no PEM block");
  return blocks;
}

Result<Bytes> parse_one_pem(std::string_view text, std::string_view label) {
  std::vector<PemBlock> blocks = TRY(parse_pem(text, 2));
  if (blocks.size() != 1) return fail(Code::kMalformed, "expected exactly one PEM block");
  if (blocks[0].label != label) {
    return fail(Code::kMalformed, "expected a PEM block \"" + std::string(label) + "\", found \"" +
                                      printable(blocks[0].label, 40) + "\"");
  }
  return std::move(blocks[0].der);
}

}  // namespace chancery::asn1
