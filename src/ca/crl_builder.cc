#include "ca/crl_builder.h"

#include <utility>
#include <vector>

#include "asn1/writer.h"
#include "ca/crl_state.h"
#include "x509/crl.h"
#include "x509/oids.h"

namespace chancery::ca {
namespace {

constexpr std::size_t kMostInMemory = std::size_t{1} << 20;
// Entries of a shard are gathered up to this before they are written.
constexpr std::size_t kPiece = std::size_t{1} << 18;

struct Size {
  std::uint64_t count = 0;
  std::size_t bytes = 0;
};

Result<Size> size_of(const CrlParts& parts) {
  Size size;
  for (const BytesView entries : parts.entries) {
    if (parts.shard.whole()) {
      size.count += TRY(count_entries(entries));
      size.bytes += entries.size();
      continue;
    }
    TRY(for_each_entry(entries, [&](BytesView serial, BytesView entry) {
      if (!parts.shard.contains(serial)) return;
      ++size.count;
      size.bytes += entry.size();
    }));
  }
  return size;
}

// for_each_piece calls `take` with the entries as they lie, or with some of a shard's at a time,
// until one call fails.
template <class Take>
Result<void> for_each_piece(const CrlParts& parts, Take take) {
  if (parts.shard.whole()) {
    for (const BytesView entries : parts.entries) TRY(take(entries));
    return {};
  }
  Bytes piece;
  Result<void> taken;
  for (const BytesView entries : parts.entries) {
    TRY(for_each_entry(entries, [&](BytesView serial, BytesView entry) {
      if (!taken || !parts.shard.contains(serial)) return;
      append(piece, entry);
      if (piece.size() < kPiece) return;
      taken = take(BytesView(piece));
      piece.clear();
    }));
  }
  TRY(std::move(taken));
  return take(BytesView(piece));
}

Bytes delta_indicator(std::uint64_t base) {
  asn1::Writer w(16);
  w.unsigned_integer(crl_number_octets(base));
  return std::move(w).take();
}

// The whole list but the entries.
x509::CrlFrame frame(const Authority& authority, const CrlParts& parts, const PublishedCrl& crl,
                     std::size_t entries_size) {
  x509::CrlHeader header;
  header.scheme = authority.revocation_scheme();
  const BytesView issuer = authority.certificate().subject().der();
  header.issuer = issuer;
  header.this_update = crl.this_update;
  header.next_update = crl.next_update;
  const Bytes number = crl_number_octets(crl.number);
  header.number = number;
  header.authority_key_id = authority.key_identifier();
  const Bytes indicator = parts.base ? delta_indicator(*parts.base) : Bytes{};
  std::vector<x509::Extension> extensions;
  if (parts.base) extensions.push_back({x509::oids::kDeltaCrlIndicator, true, indicator});
  if (!parts.scope.empty())
    extensions.push_back({x509::oids::kIssuingDistributionPoint, true, parts.scope});
  if (!parts.freshest.empty())
    extensions.push_back({x509::oids::kFreshestCrl, false, parts.freshest});
  header.more = extensions;
  return x509::frame_tbs_crl(header, entries_size);
}

// The TBS in a file, behind room for the header of the whole list.
Result<std::unique_ptr<record::ScratchFile>> write_tbs(record::DerivedFiles& files,
                                                       const CrlParts& parts,
                                                       const x509::CrlFrame& frame) {
  auto file = TRY(files.scratch());
  std::uint64_t end = x509::kMostCrlHeader;
  const auto write = [&](BytesView bytes) -> Result<void> {
    TRY(file->write(end, bytes));
    end += bytes.size();
    return {};
  };
  TRY(write(frame.head));
  TRY(for_each_piece(parts, write));
  TRY(write(frame.tail));
  return file;
}

// Nothing: there is no space for a file.
Result<std::optional<CrlContent>> build_in_file(record::DerivedFiles& files,
                                                const Authority& authority, const CrlParts& parts,
                                                const x509::CrlFrame& frame) {
  auto written = write_tbs(files, parts, frame);
  if (!written) {
    if (written.error().code == Code::kDataLoss) return std::unexpected(written.error());
    return std::nullopt;
  }
  std::shared_ptr<record::ScratchFile> file = *std::move(written);
  const auto scheme = authority.revocation_scheme();
  const BytesView tbs = TRY(file->map()).subspan(x509::kMostCrlHeader);
  const std::size_t end = x509::kMostCrlHeader + tbs.size();
  const Bytes signature = x509::crl_signature(scheme, TRY(authority.signer()->sign(scheme, tbs)));
  const Bytes header = x509::crl_header(tbs.size() + signature.size());
  const std::uint64_t begin = x509::kMostCrlHeader - header.size();
  if (!file->write(end, signature) || !file->write(begin, header)) return std::nullopt;
  const BytesView all = TRY(file->map()).subspan(begin);
  return CrlContent(std::move(file), begin, all);
}

}  // namespace

Result<void> build_crl(record::DerivedFiles& files, const Authority& authority,
                       const CrlParts& parts, PublishedCrl& crl) {
  const Size size = TRY(size_of(parts));
  const x509::CrlFrame around = frame(authority, parts, crl, size.bytes);
  crl.count = size.count;
  if (size.bytes > kMostInMemory) {
    if (auto content = TRY(build_in_file(files, authority, parts, around))) {
      crl.der = *std::move(content);
      return {};
    }
  }
  Bytes tbs;
  // Room for a signature, too.
  tbs.reserve(around.head.size() + size.bytes + around.tail.size() + 6 * 1024);
  append(tbs, around.head);
  TRY(for_each_piece(parts, [&](BytesView piece) -> Result<void> {
    append(tbs, piece);
    return {};
  }));
  append(tbs, around.tail);
  const auto scheme = authority.revocation_scheme();
  const Bytes signature = TRY(authority.signer()->sign(scheme, tbs));
  crl.der = CrlContent(x509::assemble_crl(std::move(tbs), scheme, signature));
  return {};
}

}  // namespace chancery::ca
