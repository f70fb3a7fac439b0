#include "backup/sealed_file.h"

#include <algorithm>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"

namespace chancery::backup {
namespace {

constexpr std::string_view kMagic = "CHANCERY BACKUP\n";
constexpr std::int64_t kVersion = 1;
constexpr std::size_t kMaxHeader = 4096;
constexpr std::size_t kMacSize = 32;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kKeySaltSize = 16;
constexpr std::size_t kFileSaltSize = 32;
constexpr std::size_t kSealedChunk = crypto::kGcmNonceSize + kChunk + crypto::kGcmTagSize;
constexpr std::size_t kMinPassphrase = 8;
// What a file may ask of its reader before anything in it is proven.
constexpr std::uint32_t kMaxMemoryKib = 1024 * 1024;
constexpr std::uint32_t kMaxIterations = 16;

Bytes encode(const FileHeader& header) {
  asn1::Writer w;
  w.sequence([&] {
    w.integer(kVersion);
    w.integer(static_cast<std::int64_t>(header.number));
    w.octet_string(header.id);
    w.octet_string(header.previous);
    w.element(asn1::kUtf8String, header.store_id);
    w.generalized_time(header.time);
    w.integer(static_cast<std::int64_t>(header.first));
    w.integer(static_cast<std::int64_t>(header.end));
    w.integer(header.cost.memory_kib);
    w.integer(header.cost.iterations);
    w.integer(header.cost.lanes);
    w.octet_string(header.key_salt);
    w.octet_string(header.file_salt);
  });
  return std::move(w).take();
}

Result<std::uint64_t> read_count(asn1::Reader& reader) {
  const std::int64_t value = TRY(reader.read_int64());
  if (value < 0) return reader.error("a number in the backup's header is negative");
  return static_cast<std::uint64_t>(value);
}

Result<std::uint32_t> read_cost(asn1::Reader& reader) {
  const std::uint64_t value = TRY(read_count(reader));
  if (value > UINT32_MAX) return reader.error("a cost in the backup's header is impossible");
  return static_cast<std::uint32_t>(value);
}

Result<Bytes> read_octets(asn1::Reader& reader, std::size_t size) {
  const BytesView octets = TRY(reader.read_octet_string());
  if (octets.size() != size) return reader.error("a field of the backup's header has a wrong size");
  return to_bytes(octets);
}

Result<FileHeader> decode(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != kVersion)
    return reader.error("the backup is of a newer format", Code::kUnsupported);
  FileHeader header;
  header.number = TRY(read_count(reader));
  header.id = TRY(read_octets(reader, kIdSize));
  header.previous = to_bytes(TRY(reader.read_octet_string()));
  if (!header.previous.empty() && header.previous.size() != kIdSize)
    return reader.error("a field of the backup's header has a wrong size");
  const std::string_view store_id = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (!is_valid_utf8(store_id)) return reader.error("the store's id is not UTF-8");
  header.store_id = store_id;
  header.time = TRY(reader.read_generalized_time());
  header.first = TRY(read_count(reader));
  header.end = TRY(read_count(reader));
  header.cost.memory_kib = TRY(read_cost(reader));
  header.cost.iterations = TRY(read_cost(reader));
  header.cost.lanes = TRY(read_cost(reader));
  header.key_salt = TRY(read_octets(reader, kKeySaltSize));
  header.file_salt = TRY(read_octets(reader, kFileSaltSize));
  TRY(reader.finish());
  return header;
}

Bytes head_of(const FileHeader& header) {
  const Bytes der = encode(header);
  Bytes head = to_bytes(kMagic);
  for (int shift = 24; shift >= 0; shift -= 8)
    head.push_back(static_cast<std::uint8_t>(der.size() >> shift));
  append(head, der);
  return head;
}

Bytes associated_data(BytesView mac, std::uint64_t chunk, bool last) {
  Bytes data = to_bytes(mac);
  for (int shift = 56; shift >= 0; shift -= 8)
    data.push_back(static_cast<std::uint8_t>(chunk >> shift));
  data.push_back(last ? 1 : 0);
  return data;
}

}  // namespace

Result<Secret> Secret::passphrase(SecretBytes passphrase) {
  if (passphrase.size() < kMinPassphrase)
    return fail(Code::kInvalidArgument, "passphrase is shorter than 8 characters");
  return Secret(std::move(passphrase), true);
}

Result<Secret> Secret::key(SecretBytes key) {
  if (key.size() != crypto::kAesKeySize) {
    return fail(Code::kInvalidArgument,
                "a key file holds exactly 32 octets, such as: openssl rand -out backup.key 32");
  }
  return Secret(std::move(key), false);
}

Result<BytesView> Secret::stretched(const FileHeader& header) {
  if (!is_passphrase_) return secret_.view();
  if (header.cost.memory_kib > kMaxMemoryKib || header.cost.iterations > kMaxIterations)
    return fail(Code::kTooLarge, "the backup asks for too much work to derive its key");
  Bytes name = header.key_salt;
  for (const std::uint32_t cost :
       {header.cost.memory_kib, header.cost.iterations, header.cost.lanes}) {
    append(name, as_bytes(std::to_string(cost) + ","));
  }
  const auto known = stretched_.find(name);
  if (known != stretched_.end()) return known->second.view();
  auto key =
      TRY(crypto::argon2id(secret_.view(), header.key_salt, header.cost, crypto::kAesKeySize));
  return stretched_.emplace(std::move(name), std::move(key)).first->second.view();
}

Result<SecretBytes> Secret::keys_for(const FileHeader& header) {
  if (header.by_passphrase() != is_passphrase_) {
    return fail(Code::kInvalidArgument, header.by_passphrase()
                                            ? "this backup is encrypted by a passphrase"
                                            : "this backup is encrypted by a key file");
  }
  const BytesView key = TRY(stretched(header));
  return crypto::hkdf(crypto::DigestAlgorithm::kSha256, key, header.file_salt,
                      as_bytes("chancery backup 1"), kMacSize + crypto::kAesKeySize);
}

Result<SealedWriter> SealedWriter::begin(const FileHeader& header, Secret& secret, Sink sink) {
  const SecretBytes keys = TRY(secret.keys_for(header));
  Bytes head = head_of(header);
  Bytes mac = crypto::hmac(crypto::DigestAlgorithm::kSha256, keys.view().first(kMacSize), head);
  append(head, mac);
  TRY(sink(head));
  return SealedWriter(SecretBytes(keys.view().subspan(kMacSize)), std::move(mac), std::move(sink));
}

Result<void> SealedWriter::write(BytesView plaintext) {
  while (!plaintext.empty()) {
    // A full chunk waits for what follows it: only then it is known not to be the last.
    if (buffer_.size() == kChunk) TRY(seal(false));
    const std::size_t part = std::min(kChunk - buffer_.size(), plaintext.size());
    append(buffer_, plaintext.first(part));
    plaintext = plaintext.subspan(part);
  }
  return {};
}

Result<void> SealedWriter::finish() { return seal(true); }

Result<void> SealedWriter::seal(bool last) {
  const Bytes sealed =
      TRY(crypto::aes256_gcm_seal(key_.view(), buffer_, associated_data(mac_, chunks_, last)));
  ++chunks_;
  buffer_.clear();
  return sink_(sealed);
}

// Reads `size` octets, fewer only at the end.
Result<Bytes> SealedReader::read(std::size_t size) {
  Bytes out = std::move(ahead_);
  ahead_.clear();
  std::size_t have = out.size();
  out.resize(std::max(size, have));
  while (have < size) {
    const std::size_t n = TRY(source_(std::span(out).subspan(have)));
    if (n == 0) break;
    have += n;
  }
  out.resize(have);
  if (have > size) {
    ahead_.assign(out.begin() + static_cast<std::ptrdiff_t>(size), out.end());
    out.resize(size);
  }
  return out;
}

Result<SealedReader> SealedReader::open(Source source) {
  SealedReader reader(std::move(source));
  Bytes head = TRY(reader.read(kMagic.size() + 4));
  if (!as_text(head).starts_with(kMagic) || head.size() != kMagic.size() + 4)
    return fail(Code::kMalformed, "not a backup file");
  std::size_t length = 0;
  for (const std::uint8_t byte : BytesView(head).last(4)) length = length << 8 | byte;
  if (length > kMaxHeader) return fail(Code::kTooLarge, "the backup's header is too large");
  const Bytes der = TRY(reader.read(length));
  reader.mac_ = TRY(reader.read(kMacSize));
  if (der.size() != length || reader.mac_.size() != kMacSize)
    return fail(Code::kMalformed, "the backup is cut off in its header");
  reader.header_ = TRY(decode(der));
  append(head, der);
  reader.head_ = std::move(head);
  return reader;
}

Result<void> SealedReader::unlock(Secret& secret) {
  const SecretBytes keys = TRY(secret.keys_for(header_));
  const Bytes mac =
      crypto::hmac(crypto::DigestAlgorithm::kSha256, keys.view().first(kMacSize), head_);
  if (!constant_time_equal(mac, mac_)) {
    return fail(Code::kUnauthenticated, std::string("wrong ") +
                                            (header_.by_passphrase() ? "passphrase" : "key") +
                                            ", or the backup's header was altered");
  }
  key_ = SecretBytes(keys.view().subspan(kMacSize));
  return {};
}

Result<std::optional<SecretBytes>> SealedReader::next() {
  if (done_) return std::optional<SecretBytes>();
  // One octet more tells whether this chunk is the last.
  Bytes sealed = TRY(read(kSealedChunk + 1));
  const bool last = sealed.size() <= kSealedChunk;
  if (!last) {
    ahead_.assign(sealed.begin() + kSealedChunk, sealed.end());
    sealed.resize(kSealedChunk);
  }
  auto plain = crypto::aes256_gcm_open(key_.view(), sealed, associated_data(mac_, chunks_, last));
  if (!plain) {
    return std::unexpected(Error{Code::kDataLoss, "the backup is damaged or cut off", {}, {}}.with(
        "chunk", std::to_string(chunks_)));
  }
  ++chunks_;
  done_ = last;
  return std::optional(std::move(*plain));
}

}  // namespace chancery::backup
