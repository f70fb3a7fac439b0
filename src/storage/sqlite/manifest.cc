#include "storage/sqlite/manifest.h"

#include <charconv>

#include "base/text.h"
#include "storage/sqlite/crc32c.h"

namespace chancery::storage::sqlite {
namespace {

constexpr std::string_view kHeader = "chancery-index 1";

std::string line(std::string_view word, std::initializer_list<std::uint64_t> numbers) {
  std::string out(word);
  for (const std::uint64_t number : numbers) out += " " + std::to_string(number);
  return out + "\n";
}

std::unexpected<Error> damaged() { return fail(Code::kDataLoss, "the index manifest is damaged"); }

Result<std::vector<std::uint64_t>> numbers(const std::vector<std::string_view>& words,
                                           std::size_t count) {
  std::vector<std::uint64_t> out;
  for (const std::string_view word : std::span(words).subspan(1)) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || end != word.data() + word.size()) return damaged();
    out.push_back(number);
  }
  if (out.size() != count) return damaged();
  return out;
}

Result<void> read_line(Manifest& manifest, std::string_view text) {
  const auto words = split(text, ' ');
  if (words[0] == "next") {
    manifest.next_number = TRY(numbers(words, 1))[0];
  } else if (words[0] == "segment") {
    const auto n = TRY(numbers(words, 5));
    if (n[0] > 0xffff) return damaged();
    manifest.segments.push_back({static_cast<std::uint16_t>(n[0]), n[1], n[2], n[3], n[4] != 0});
  } else if (words[0] == "hot") {
    const auto n = TRY(numbers(words, 2));
    manifest.hots.push_back({n[0], n[1]});
  } else if (words[0] == "missing") {
    const auto n = TRY(numbers(words, 2));
    manifest.missing.push_back({n[0], n[1]});
  } else {
    return damaged();
  }
  return {};
}

}  // namespace

std::uint64_t Manifest::missing_rows() const {
  std::uint64_t rows = 0;
  for (const Range& range : missing) rows += range.end - range.first;
  return rows;
}

std::string encode(const Manifest& manifest) {
  std::string text = std::string(kHeader) + "\n" + line("next", {manifest.next_number});
  for (const auto& segment : manifest.segments) {
    text += line("segment", {segment.month, segment.first, segment.last, segment.rows,
                             segment.irregular ? 1U : 0U});
  }
  for (const auto& hot : manifest.hots) text += line("hot", {hot.number, hot.first});
  for (const auto& range : manifest.missing) text += line("missing", {range.first, range.end});
  return text + line("crc", {Crc32c().add(as_bytes(text)).value()});
}

Result<Manifest> decode_manifest(std::string_view text) {
  const std::size_t at = text.rfind("crc ");
  if (at == std::string_view::npos || !text.starts_with(kHeader)) return damaged();
  const std::string_view body = text.substr(0, at);
  if (text.substr(at) != line("crc", {Crc32c().add(as_bytes(body)).value()})) return damaged();
  Manifest manifest;
  auto lines = split(body, '\n');
  lines.pop_back();  // behind the last newline
  for (const std::string_view one : std::span(lines).subspan(1)) TRY(read_line(manifest, one));
  return manifest;
}

}  // namespace chancery::storage::sqlite
