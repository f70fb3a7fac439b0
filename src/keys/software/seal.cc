#include "keys/software/seal.h"

#include "asn1/pem.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "os/file.h"

namespace chancery::keys {
namespace {

constexpr std::string_view kLabel = "CHANCERY SEAL";
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kMinPassphrase = 8;

struct Seal {
  SealKind kind = SealKind::kFile;
  crypto::Argon2Cost cost;
  Bytes salt;
  Bytes sealed_root_key;
};

std::string seal_path(const std::string& directory) { return directory + "/seal.pem"; }
std::string file_key_path(const std::string& directory) { return directory + "/root.key"; }

// Everything before the sealed key is bound to it as associated data, so that nobody can weaken the
// cost.
void write_header(asn1::Writer& w, const Seal& seal) {
  const bool passphrase = seal.kind == SealKind::kPassphrase;
  w.integer(1);
  w.element(asn1::kUtf8String, passphrase ? "passphrase" : "file");
  w.integer(passphrase ? seal.cost.memory_kib : 0);
  w.integer(passphrase ? seal.cost.iterations : 0);
  w.integer(passphrase ? seal.cost.lanes : 0);
  w.octet_string(seal.salt);
}

Bytes associated_data(const Seal& seal) {
  asn1::Writer w;
  write_header(w, seal);
  return std::move(w).take();
}

Bytes encode(const Seal& seal) {
  asn1::Writer w;
  w.sequence([&] {
    write_header(w, seal);
    w.octet_string(seal.sealed_root_key);
  });
  return std::move(w).take();
}

Result<std::uint32_t> read_cost(asn1::Reader& reader) {
  const std::int64_t value = TRY(reader.read_int64());
  if (value < 0 || value > UINT32_MAX) return reader.error("seal has an impossible cost");
  return static_cast<std::uint32_t>(value);
}

Result<Seal> decode(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("seal has an unknown version", Code::kUnsupported);
  Seal seal;
  const std::string_view kind = as_text(TRY(reader.read(asn1::kUtf8String)));
  if (kind != "passphrase" && kind != "file")
    return reader.error("seal has an unknown kind", Code::kUnsupported);
  seal.kind = kind == "passphrase" ? SealKind::kPassphrase : SealKind::kFile;
  seal.cost.memory_kib = TRY(read_cost(reader));
  seal.cost.iterations = TRY(read_cost(reader));
  seal.cost.lanes = TRY(read_cost(reader));
  seal.salt = to_bytes(TRY(reader.read_octet_string()));
  seal.sealed_root_key = to_bytes(TRY(reader.read_octet_string()));
  TRY(reader.finish());
  return seal;
}

Result<Seal> load(const std::string& directory) {
  const Bytes text = TRY(os::read_file(seal_path(directory), 64 * 1024));
  const Bytes der = TRY(asn1::parse_one_pem(as_text(text), kLabel));
  return decode(der);
}

Result<SecretBytes> sealing_key(const Seal& seal, const std::string& directory,
                                BytesView passphrase) {
  if (seal.kind == SealKind::kPassphrase) {
    return crypto::argon2id(passphrase, seal.salt, seal.cost, crypto::kAesKeySize);
  }
  const std::string path = file_key_path(directory);
  TRY(os::private_enough(path));
  return os::read_secret_file(path, 4096);
}

Result<void> create(const std::string& directory, Seal seal, BytesView passphrase, Random& random) {
  seal.salt.resize(kSaltSize);
  random.fill(seal.salt);
  const SecretBytes key = TRY(sealing_key(seal, directory, passphrase));
  SecretBytes root_key(crypto::kAesKeySize);
  random.fill(root_key.mutable_view());
  seal.sealed_root_key =
      TRY(crypto::aes256_gcm_seal(key.view(), root_key.view(), associated_data(seal)));
  return os::create_file(seal_path(directory), as_bytes(asn1::pem(kLabel, encode(seal))),
                         os::kPrivateFile);
}

}  // namespace

Result<void> create_passphrase_seal(const std::string& directory, BytesView passphrase,
                                    const crypto::Argon2Cost& cost, Random& random) {
  if (passphrase.size() < kMinPassphrase)
    return fail(Code::kInvalidArgument, "passphrase is shorter than 8 characters");
  return create(directory, {SealKind::kPassphrase, cost, {}, {}}, passphrase, random);
}

Result<void> create_file_seal(const std::string& directory, Random& random) {
  SecretBytes key(crypto::kAesKeySize);
  random.fill(key.mutable_view());
  TRY(os::create_file(file_key_path(directory), key.view(), os::kPrivateFile));
  return create(directory, {SealKind::kFile, {}, {}, {}}, {}, random);
}

Result<SealKind> seal_kind(const std::string& directory) {
  const Seal seal = TRY(load(directory));
  return seal.kind;
}

Result<SecretBytes> unseal(const std::string& directory, BytesView passphrase) {
  const Seal seal = TRY(load(directory));
  const SecretBytes key = TRY(sealing_key(seal, directory, passphrase));
  auto root_key = crypto::aes256_gcm_open(key.view(), seal.sealed_root_key, associated_data(seal));
  if (!root_key && seal.kind == SealKind::kPassphrase)
    return fail(Code::kUnauthenticated, "wrong passphrase");
  return root_key;
}

}  // namespace chancery::keys
