#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <variant>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "record/store.h"

namespace chancery::backup {

// StreamHeader says what a stream holds: all state rows as of one commit, and the log rows
// first..end-1, where `end` is the length of the log at that commit.
struct StreamHeader {
  std::string store_id;
  std::string program;  // version that wrote it
  TimePoint time;
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  // row_hash of the row before `first`, by which one backup holds on to the next; zeros when first
  // is 0.
  crypto::Sha256 before{};
};

// File is a small file of the node: configuration, or a sealed key. Names: is_file_name.
struct File {
  std::string name;
  Bytes content;
};
// is_file_name allows "chancery.yaml", "root-ca.pem" and "keys/<name>", the name being letters,
// digits, '-', '_' and '.', not beginning with '.'; nothing that leads out of a directory.
[[nodiscard]] bool is_file_name(std::string_view name);

// row_hash is SHA-256 over index, kind, event and certificate of a log row.
[[nodiscard]] crypto::Sha256 row_hash(const record::LogRow& row);

// StreamEncoder appends the frames of one stream, in this order: header, log rows, state rows by
// (tenant, mount, kind, id), files by name, trailer. Not thread-safe.
//
//   frame ::= type (1 octet) length (4, big-endian) payload (DER)
class StreamEncoder {
 public:
  void header(Bytes& out, const StreamHeader& header);
  void log_row(Bytes& out, const record::LogRow& row);
  void state_row(Bytes& out, const record::StateRow& row);
  void file(Bytes& out, const File& file);
  // trailer ends the stream: counts and SHA-256 of everything before.
  void trailer(Bytes& out);

 private:
  void frame(Bytes& out, std::uint8_t type, BytesView payload);

  crypto::Hasher hasher_{crypto::DigestAlgorithm::kSha256};
  std::uint64_t log_rows_ = 0;
  std::uint64_t state_rows_ = 0;
  std::uint64_t files_ = 0;
};

using StreamItem = std::variant<StreamHeader, record::LogRow, record::StateRow, File>;

// StreamDecoder takes a stream in pieces of any size and hands its items on, in order, checked:
// order and number of rows, order of keys, counts, hash. It holds no more than one frame, which has
// at most kMaxFrame octets, and only as much of it as has arrived. Errors: kMalformed, kTooLarge,
// kUnsupported (a newer format), those of `take`; after an error it is spent.
class StreamDecoder {
 public:
  static constexpr std::size_t kMaxFrame = std::size_t{64} * 1024 * 1024;
  using Take = std::function<Result<void>(StreamItem)>;

  explicit StreamDecoder(Take take) : take_(std::move(take)) {}

  [[nodiscard]] Result<void> feed(BytesView piece);
  // finish says whether the stream was complete. Errors: kMalformed.
  [[nodiscard]] Result<void> finish() const;
  [[nodiscard]] bool complete() const { return stage_ == Stage::kDone; }

 private:
  enum class Stage : std::uint8_t { kHeader, kLog, kState, kFiles, kDone };
  using StateOrder = std::tuple<std::string, std::string, std::uint8_t, std::string>;

  Result<void> frame(std::uint8_t type, BytesView payload);
  Result<void> take_header(BytesView payload);
  Result<void> take_log_row(BytesView payload);
  Result<void> take_state_row(BytesView payload);
  Result<void> take_file(BytesView payload);
  Result<void> take_trailer(BytesView payload);

  Take take_;
  Stage stage_ = Stage::kHeader;
  Bytes pending_;
  crypto::Hasher hasher_{crypto::DigestAlgorithm::kSha256};
  StreamHeader header_;
  std::uint64_t next_index_ = 0;
  std::uint64_t state_rows_ = 0;
  std::uint64_t files_ = 0;
  std::optional<StateOrder> last_state_;
  std::string last_file_;
};

}  // namespace chancery::backup
