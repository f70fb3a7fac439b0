#include "ca/restoration.h"

#include <algorithm>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"

namespace chancery::ca {
namespace {

constexpr std::uint64_t kLeastJump = std::uint64_t{1} << 40;
constexpr unsigned kNumbersASecond = 24;  // as a power of two

Result<std::string> read_text(asn1::Reader& reader) {
  const std::string_view text = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(text)) return reader.error("text of a restoration is not UTF-8");
  return std::string(text);
}

// is_open: what cannot be read does not open the gate.
bool is_open(BytesView value) {
  const auto restoration = decode_restoration(value);
  return restoration && restoration->confirmed();
}

}  // namespace

Bytes encode(const Restoration& restoration) {
  asn1::Writer w(256);
  w.sequence([&] {
    w.integer(1);
    w.element(asn1::kUtf8String, restoration.lost_store_id);
    w.generalized_time(restoration.backup_time);
    w.integer(static_cast<std::int64_t>(restoration.log_rows));
    w.generalized_time(restoration.restored_at);
    if (restoration.confirmed_at) {
      w.generalized_time(*restoration.confirmed_at);
      w.element(asn1::kUtf8String, restoration.confirmed_by);
    }
  });
  return std::move(w).take();
}

Result<Restoration> decode_restoration(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("restoration has an unknown version", Code::kUnsupported);
  Restoration restoration;
  restoration.lost_store_id = TRY(read_text(reader));
  restoration.backup_time = TRY(reader.read_generalized_time());
  const std::int64_t rows = TRY(reader.read_int64());
  if (rows < 0) return reader.error("restoration has a negative number of rows");
  restoration.log_rows = static_cast<std::uint64_t>(rows);
  restoration.restored_at = TRY(reader.read_generalized_time());
  if (!reader.empty()) {
    restoration.confirmed_at = TRY(reader.read_generalized_time());
    restoration.confirmed_by = TRY(read_text(reader));
  }
  TRY(reader.finish());
  return restoration;
}

const record::StateKey& restoration_key() {
  static const record::StateKey kKey{record::StateKind::kSettings, {"root", ""}, "restore"};
  return kKey;
}

Result<std::uint64_t> crl_number_after_restore(std::uint64_t number, TimePoint restored_at) {
  const auto second = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_unix(restored_at)));
  // Half of what fits is left for further restores and for the numbers given out after them.
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  if (number > kMost - kLeastJump || second > kMost >> kNumbersASecond)
    return fail(Code::kTooLarge, "the number of a CRL cannot be raised any further");
  return std::max(number + kLeastJump, second << kNumbersASecond);
}

SigningGate::SigningGate(const record::StateReader& reader) {
  const auto row = reader.get(restoration_key());
  open_.store(row && (!*row || is_open((*row)->value)));
}

Result<void> SigningGate::refusal() {
  return fail(Code::kUnavailable,
              "this node was restored from a backup and signs nothing before an operator says that "
              "the node that was backed up is gone: chancery restore confirm");
}

void SigningGate::committed(std::span<const record::CommittedSet> batch) {
  for (const record::CommittedSet& committed : batch) {
    for (const record::StateChange& change : committed.set->changes) {
      if (change.key == restoration_key()) open_.store(is_open(change.value));
    }
  }
}

}  // namespace chancery::ca
