#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret_bytes.h"
#include "base/time.h"
#include "crypto/symmetric.h"

namespace chancery::backup {

// FileHeader stands in clear at the head of a backup file and is bound to all of it. It says what
// the file holds, so that a directory can be listed without the key; nothing in it is secret.
struct FileHeader {
  std::uint64_t number = 0;  // counts the backups of a directory, from 1
  Bytes id;                  // 16 random octets
  Bytes previous;            // id of the backup that this one continues; empty: a full one
  std::string store_id;
  TimePoint time;
  std::uint64_t first = 0;  // log rows, as in StreamHeader
  std::uint64_t end = 0;
  // How the key is found: Argon2id over a passphrase, or (memory 0) a key file.
  crypto::Argon2Cost cost;
  Bytes
      key_salt;  // 16 octets; those of one chain share it, so that the passphrase is stretched once
  Bytes file_salt;  // 32 octets

  [[nodiscard]] bool full() const { return previous.empty(); }
  [[nodiscard]] bool by_passphrase() const { return cost.memory_kib != 0; }
};

// Secret is what opens backups: a passphrase or a key of 32 octets. Not thread-safe.
class Secret {
 public:
  // Errors: kInvalidArgument (passphrase under 8 octets, key of another size).
  [[nodiscard]] static Result<Secret> passphrase(SecretBytes passphrase);
  [[nodiscard]] static Result<Secret> key(SecretBytes key);

  [[nodiscard]] bool is_passphrase() const { return is_passphrase_; }
  // keys_for derives a file's two keys of 32 octets: for its header, then for its chunks. Errors:
  // kInvalidArgument (the file wants the other kind), kTooLarge (it asks for more than 1 GiB or 16
  // iterations of Argon2id).
  [[nodiscard]] Result<SecretBytes> keys_for(const FileHeader& header);

 private:
  Secret(SecretBytes secret, bool is_passphrase)
      : secret_(std::move(secret)), is_passphrase_(is_passphrase) {}
  [[nodiscard]] Result<BytesView> stretched(const FileHeader& header);

  SecretBytes secret_;
  bool is_passphrase_;
  std::map<Bytes, SecretBytes> stretched_;  // by salt and cost
};

// A backup file:
//
//   "CHANCERY BACKUP\n"  length of header (4 octets, big-endian)  header (DER)
//   HMAC-SHA-256 of all that (32)  chunk...
//
// A chunk is AES-256-GCM over up to kChunk octets (nonce, ciphertext, tag); its associated data is
// the HMAC, its number and whether it is the last, so that none can be moved, repeated, left out or
// taken from another file. All chunks but the last are full.
inline constexpr std::size_t kChunk = std::size_t{64} * 1024;

// SealedWriter writes one backup file through `sink`. Not thread-safe.
class SealedWriter {
 public:
  using Sink = std::function<Result<void>(BytesView)>;
  [[nodiscard]] static Result<SealedWriter> begin(const FileHeader& header, Secret& secret,
                                                  Sink sink);
  [[nodiscard]] Result<void> write(BytesView plaintext);
  // finish writes the last chunk; nothing may be written after it.
  [[nodiscard]] Result<void> finish();

 private:
  SealedWriter(SecretBytes key, Bytes mac, Sink sink)
      : key_(std::move(key)), mac_(std::move(mac)), sink_(std::move(sink)) {}
  [[nodiscard]] Result<void> seal(bool last);

  SecretBytes key_;
  Bytes mac_;
  Sink sink_;
  Bytes buffer_;
  std::uint64_t chunks_ = 0;
};

// SealedReader reads one through `source`, which fills as much of a buffer as it can and returns
// how much (0 at the end). Not thread-safe.
class SealedReader {
 public:
  using Source = std::function<Result<std::size_t>(std::span<std::uint8_t>)>;
  // open reads the header, which is not yet proven. Errors: kMalformed, kTooLarge, kUnsupported,
  // those of `source`.
  [[nodiscard]] static Result<SealedReader> open(Source source);
  [[nodiscard]] const FileHeader& header() const { return header_; }
  // unlock proves the header. Errors: kUnauthenticated (wrong passphrase or key, or the header was
  // altered), those of Secret::keys_for.
  [[nodiscard]] Result<void> unlock(Secret& secret);
  // next gives the content of the next chunk, nothing after the last. Errors: kDataLoss (altered,
  // out of order, cut off), those of `source`.
  [[nodiscard]] Result<std::optional<SecretBytes>> next();

 private:
  explicit SealedReader(Source source) : source_(std::move(source)) {}
  [[nodiscard]] Result<Bytes> read(std::size_t size);

  Source source_;
  FileHeader header_;
  Bytes head_;  // everything before the HMAC
  Bytes mac_;
  SecretBytes key_;
  Bytes ahead_;
  std::uint64_t chunks_ = 0;
  bool done_ = false;
};

}  // namespace chancery::backup
