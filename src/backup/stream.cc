#include "backup/stream.h"

#include <algorithm>
#include <array>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"

namespace chancery::backup {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kFrameHead = 5;
constexpr std::size_t kMaxFileName = 200;
enum : std::uint8_t { kHeader = 1, kLogRow = 2, kStateRow = 3, kFile = 4, kTrailer = 5 };

std::array<std::uint8_t, 8> octets(std::uint64_t number) {
  std::array<std::uint8_t, 8> out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return out;
}

Result<std::string> read_text(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(text)) return reader.error("text of a backup is not UTF-8");
  return std::string(text);
}

Result<std::uint64_t> read_count(asn1::Reader& reader) {
  const std::int64_t value = TRY(reader.read_int64());
  if (value < 0) return reader.error("a count in a backup is negative");
  return static_cast<std::uint64_t>(value);
}

Result<crypto::Sha256> read_hash(asn1::Reader& reader) {
  const BytesView bytes = TRY(reader.read_octet_string());
  crypto::Sha256 hash{};
  if (bytes.size() != hash.size()) return reader.error("a hash in a backup has a wrong size");
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

void write_count(asn1::Writer& w, std::uint64_t value) {
  w.integer(static_cast<std::int64_t>(value));
}

// payload_reader enters the one SEQUENCE that a payload is.
Result<asn1::Reader> payload_reader(BytesView payload) {
  asn1::Reader outer(payload);
  auto inner = TRY(outer.enter_sequence());
  TRY(outer.finish());
  return inner;
}

std::unexpected<Error> out_of_place(std::string_view what) {
  return fail(Code::kMalformed, "the backup has " + std::string(what) + " out of place");
}

}  // namespace

bool is_file_name(std::string_view name) {
  if (name == "chancery.yaml" || name == "root-ca.pem") return true;
  if (!name.starts_with("keys/") || name.size() > kMaxFileName) return false;
  name.remove_prefix(5);
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, plain);
}

crypto::Sha256 row_hash(const record::LogRow& row) {
  crypto::Hasher hasher(crypto::DigestAlgorithm::kSha256);
  hasher.update(octets(row.index));
  hasher.update(octets(static_cast<std::uint64_t>(row.entry.kind)));
  hasher.update(octets(row.entry.event.size()));
  hasher.update(row.entry.event);
  hasher.update(row.entry.certificate);
  crypto::Sha256 hash{};
  std::ranges::copy(hasher.finish(), hash.begin());
  return hash;
}

void StreamEncoder::frame(Bytes& out, std::uint8_t type, BytesView payload) {
  const std::size_t start = out.size();
  out.push_back(type);
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(payload.size() >> shift));
  append(out, payload);
  hasher_.update(BytesView(out).subspan(start));
}

void StreamEncoder::header(Bytes& out, const StreamHeader& header) {
  asn1::Writer w;
  w.sequence([&] {
    w.integer(kVersion);
    w.element(asn1::kUtf8String, header.store_id);
    w.element(asn1::kUtf8String, header.program);
    w.generalized_time(header.time);
    write_count(w, header.first);
    write_count(w, header.end);
    w.octet_string(header.before);
  });
  frame(out, kHeader, w.view());
}

void StreamEncoder::log_row(Bytes& out, const record::LogRow& row) {
  asn1::Writer w(64 + row.entry.event.size() + row.entry.certificate.size());
  w.sequence([&] {
    write_count(w, row.index);
    w.integer(static_cast<std::int64_t>(row.entry.kind));
    w.octet_string(row.entry.event);
    w.octet_string(row.entry.certificate);
  });
  frame(out, kLogRow, w.view());
  ++log_rows_;
}

void StreamEncoder::state_row(Bytes& out, const record::StateRow& row) {
  asn1::Writer w(128 + row.value.size());
  w.sequence([&] {
    w.element(asn1::kUtf8String, row.key.scope.tenant);
    w.element(asn1::kUtf8String, row.key.scope.mount);
    w.integer(static_cast<std::int64_t>(row.key.kind));
    w.element(asn1::kUtf8String, row.key.id);
    write_count(w, row.version);
    w.integer(row.counter);
    w.integer(row.schema);
    w.octet_string(row.value);
  });
  frame(out, kStateRow, w.view());
  ++state_rows_;
}

void StreamEncoder::file(Bytes& out, const File& file) {
  asn1::Writer w(64 + file.content.size());
  w.sequence([&] {
    w.element(asn1::kUtf8String, file.name);
    w.octet_string(file.content);
  });
  frame(out, kFile, w.view());
  ++files_;
}

void StreamEncoder::trailer(Bytes& out) {
  const Bytes hash = hasher_.finish();
  asn1::Writer w;
  w.sequence([&] {
    write_count(w, log_rows_);
    write_count(w, state_rows_);
    write_count(w, files_);
    w.octet_string(hash);
  });
  frame(out, kTrailer, w.view());
}

Result<void> StreamDecoder::feed(BytesView piece) {
  append(pending_, piece);
  BytesView rest(pending_);
  while (rest.size() >= kFrameHead) {
    std::size_t length = 0;
    for (const std::uint8_t byte : rest.subspan(1, 4)) length = length << 8 | byte;
    if (length > kMaxFrame) {
      return fail(Code::kTooLarge, "a frame of the backup claims " + std::to_string(length) +
                                       " octets; at most " + std::to_string(kMaxFrame) +
                                       " are allowed");
    }
    if (rest.size() < kFrameHead + length) break;
    TRY(frame(rest.front(), rest.subspan(kFrameHead, length)));
    if (!complete()) hasher_.update(rest.first(kFrameHead + length));
    rest = rest.subspan(kFrameHead + length);
  }
  pending_.erase(pending_.begin(), pending_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  if (complete() && !pending_.empty())
    return fail(Code::kMalformed, "the backup goes on after its end");
  return {};
}

Result<void> StreamDecoder::finish() const {
  if (complete()) return {};
  return fail(Code::kMalformed, "the backup ends before its trailer: it is cut off");
}

Result<void> StreamDecoder::frame(std::uint8_t type, BytesView payload) {
  switch (type) {
    case kHeader:
      return take_header(payload);
    case kLogRow:
      return take_log_row(payload);
    case kStateRow:
      return take_state_row(payload);
    case kFile:
      return take_file(payload);
    case kTrailer:
      return take_trailer(payload);
    default:
      return fail(Code::kMalformed, "the backup has a frame of unknown type");
  }
}

Result<void> StreamDecoder::take_header(BytesView payload) {
  if (stage_ != Stage::kHeader) return out_of_place("a header");
  asn1::Reader reader = TRY(payload_reader(payload));
  if (TRY(reader.read_int64()) != kVersion)
    return reader.error("the backup is of a newer format", Code::kUnsupported);
  header_.store_id = TRY(read_text(reader));
  header_.program = TRY(read_text(reader));
  header_.time = TRY(reader.read_generalized_time());
  header_.first = TRY(read_count(reader));
  header_.end = TRY(read_count(reader));
  header_.before = TRY(read_hash(reader));
  TRY(reader.finish());
  if (header_.first > header_.end) return reader.error("the backup ends before it begins");
  next_index_ = header_.first;
  stage_ = Stage::kLog;
  return take_(header_);
}

Result<void> StreamDecoder::take_log_row(BytesView payload) {
  if (stage_ != Stage::kLog) return out_of_place("a log row");
  asn1::Reader reader = TRY(payload_reader(payload));
  record::LogRow row;
  row.index = TRY(read_count(reader));
  const std::int64_t kind = TRY(reader.read_int64());
  row.entry.event = to_bytes(TRY(reader.read_octet_string()));
  row.entry.certificate = to_bytes(TRY(reader.read_octet_string()));
  TRY(reader.finish());
  if (kind < 1 || kind > 255) return reader.error("a log row has an impossible kind");
  row.entry.kind = static_cast<record::EventKind>(kind);
  if (row.index != next_index_ || row.index >= header_.end) {
    return fail(Code::kMalformed, "the backup has log row " + std::to_string(row.index) +
                                      " where row " + std::to_string(next_index_) + " belongs");
  }
  ++next_index_;
  return take_(std::move(row));
}

Result<void> StreamDecoder::take_state_row(BytesView payload) {
  if (stage_ == Stage::kLog && next_index_ == header_.end) stage_ = Stage::kState;
  if (stage_ != Stage::kState) return out_of_place("a state row");
  asn1::Reader reader = TRY(payload_reader(payload));
  record::StateRow row;
  row.key.scope.tenant = TRY(read_text(reader));
  row.key.scope.mount = TRY(read_text(reader));
  const std::int64_t kind = TRY(reader.read_int64());
  row.key.id = TRY(read_text(reader));
  row.version = TRY(read_count(reader));
  row.counter = TRY(reader.read_int64());
  const std::int64_t schema = TRY(reader.read_int64());
  row.value = to_bytes(TRY(reader.read_octet_string()));
  TRY(reader.finish());
  if (kind < 1 || kind > 255 || schema < 0 || schema > UINT16_MAX)
    return reader.error("a state row has an impossible kind or schema");
  row.key.kind = static_cast<record::StateKind>(kind);
  row.schema = static_cast<std::uint16_t>(schema);
  StateOrder order{row.key.scope.tenant, row.key.scope.mount, static_cast<std::uint8_t>(kind),
                   row.key.id};
  if (last_state_ && *last_state_ >= order) return reader.error("state rows are not in order");
  last_state_ = std::move(order);
  ++state_rows_;
  return take_(std::move(row));
}

Result<void> StreamDecoder::take_file(BytesView payload) {
  if (stage_ == Stage::kLog && next_index_ == header_.end) stage_ = Stage::kState;
  if (stage_ == Stage::kState) stage_ = Stage::kFiles;
  if (stage_ != Stage::kFiles) return out_of_place("a file");
  asn1::Reader reader = TRY(payload_reader(payload));
  File file;
  file.name = TRY(read_text(reader));
  file.content = to_bytes(TRY(reader.read_octet_string()));
  TRY(reader.finish());
  if (!is_file_name(file.name)) return reader.error("a file in the backup has a forbidden name");
  if (file.name <= last_file_) return reader.error("files are not in order");
  last_file_ = file.name;
  ++files_;
  return take_(std::move(file));
}

Result<void> StreamDecoder::take_trailer(BytesView payload) {
  if (stage_ == Stage::kHeader || stage_ == Stage::kDone) return out_of_place("a trailer");
  asn1::Reader reader = TRY(payload_reader(payload));
  const std::uint64_t log_rows = TRY(read_count(reader));
  const std::uint64_t state_rows = TRY(read_count(reader));
  const std::uint64_t files = TRY(read_count(reader));
  const crypto::Sha256 hash = TRY(read_hash(reader));
  TRY(reader.finish());
  if (next_index_ != header_.end || log_rows != header_.end - header_.first ||
      state_rows != state_rows_ || files != files_)
    return fail(Code::kMalformed, "the backup does not hold as many rows as it says");
  if (!equal(hasher_.finish(), hash))
    return fail(Code::kMalformed, "the backup's content does not match its hash");
  stage_ = Stage::kDone;
  return {};
}

}  // namespace chancery::backup
