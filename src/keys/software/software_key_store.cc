#include "keys/software/software_key_store.h"

#include <algorithm>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/uuid.h"
#include "crypto/private_key.h"
#include "crypto/symmetric.h"
#include "os/file.h"

namespace chancery::keys {
namespace {

constexpr std::string_view kSuffix = ".key";

class SoftwareSigner final : public Signer {
 public:
  SoftwareSigner(std::string id, crypto::PrivateKey key)
      : id_(std::move(id)), key_(std::move(key)) {}
  [[nodiscard]] std::string_view key_id() const override { return id_; }
  [[nodiscard]] const crypto::PublicKey& public_key() const override { return key_.public_key(); }
  [[nodiscard]] Result<Bytes> sign(crypto::SignatureScheme scheme,
                                   BytesView message) const override {
    return key_.sign(scheme, message);
  }
  [[nodiscard]] bool slow() const override {
    switch (key_.type().algorithm) {
      case crypto::KeyAlgorithm::kEcdsaP256:
      case crypto::KeyAlgorithm::kEd25519:
        return false;
      default:
        return true;
    }
  }

 private:
  std::string id_;
  crypto::PrivateKey key_;
};

struct StoredKey {
  std::string id;
  Bytes spki;
  Bytes sealed;
};

void write_header(asn1::Writer& w, const StoredKey& key) {
  w.integer(1);
  w.element(asn1::kUtf8String, key.id);
  w.octet_string(key.spki);
}

Bytes associated_data(const StoredKey& key) {
  asn1::Writer w;
  write_header(w, key);
  return std::move(w).take();
}

Bytes encode(const StoredKey& key) {
  asn1::Writer w;
  w.sequence([&] {
    write_header(w, key);
    w.octet_string(key.sealed);
  });
  return std::move(w).take();
}

Result<StoredKey> decode(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 1)
    return reader.error("stored key has an unknown version", Code::kUnsupported);
  StoredKey key;
  key.id = std::string(as_text(TRY(reader.read(asn1::kUtf8String))));
  key.spki = to_bytes(TRY(reader.read_octet_string()));
  key.sealed = to_bytes(TRY(reader.read_octet_string()));
  TRY(reader.finish());
  return key;
}

// Ids are ours: UUIDs, and of older keys 32 hex digits. Anything else cannot name
// a key, whatever path it spells.
bool is_id(std::string_view id) {
  return is_uuid(id) || (id.size() == 32 && std::ranges::all_of(id, [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                         }));
}

Result<StoredKey> load(const std::string& path, std::string_view id) {
  auto content = os::read_file(path, 1024 * 1024);
  if (!content) return std::unexpected(std::move(content).error());
  auto key = decode(*content);
  if (!key || key->id != id) {
    return std::unexpected(
        Error{Code::kDataLoss, "stored key is damaged", {}, {}}.with("path", path));
  }
  return key;
}

Result<void> check_can_sign(crypto::KeyType type) {
  if (crypto::can_sign(type.algorithm)) return {};
  return fail(Code::kInvalidArgument, crypto::to_string(type) + " keys sign nothing");
}

}  // namespace

SoftwareKeyStore::SoftwareKeyStore(std::string directory, SecretBytes root_key, Random& random)
    : directory_(std::move(directory)), root_key_(std::move(root_key)), random_(random) {
  CHANCERY_CHECK(root_key_.size() == crypto::kAesKeySize);
}

std::string SoftwareKeyStore::path_of(std::string_view id) const {
  return directory_ + "/" + std::string(id) + std::string(kSuffix);
}

Result<std::string> SoftwareKeyStore::store(const crypto::PrivateKey& key) {
  StoredKey stored{make_uuid(random_), to_bytes(key.public_key().spki()), {}};
  const SecretBytes pkcs8 = TRY(key.to_pkcs8());
  stored.sealed =
      TRY(crypto::aes256_gcm_seal(root_key_.view(), pkcs8.view(), associated_data(stored)));
  TRY(os::create_file(path_of(stored.id), encode(stored), os::kPrivateFile));
  return std::move(stored.id);
}

Result<std::shared_ptr<const Signer>> SoftwareKeyStore::generate(crypto::KeyType type) {
  TRY(check_can_sign(type));
  crypto::PrivateKey private_key = TRY(crypto::PrivateKey::generate(type));
  std::string id = TRY(store(private_key));
  return std::make_shared<SoftwareSigner>(std::move(id), std::move(private_key));
}

Result<std::shared_ptr<const Signer>> SoftwareKeyStore::import_key(const crypto::PrivateKey& key) {
  TRY(check_can_sign(key.type()));
  const std::string id = TRY(store(key));
  return find(id);
}

Result<SecretBytes> SoftwareKeyStore::export_pkcs8(std::string_view id) const {
  if (!is_id(id) || !os::exists(path_of(id))) return fail(Code::kNotFound, "no such key");
  const StoredKey stored = TRY(load(path_of(id), id));
  return crypto::aes256_gcm_open(root_key_.view(), stored.sealed, associated_data(stored));
}

Result<std::shared_ptr<const Signer>> SoftwareKeyStore::find(std::string_view id) const {
  const SecretBytes pkcs8 = TRY(export_pkcs8(id));
  crypto::PrivateKey key = TRY(crypto::PrivateKey::from_pkcs8(pkcs8.view()));
  return std::make_shared<SoftwareSigner>(std::string(id), std::move(key));
}

Result<std::vector<KeyInfo>> SoftwareKeyStore::list() const {
  std::vector<KeyInfo> keys;
  const auto names = TRY(os::list_directory(directory_));
  for (const std::string& name : names) {
    if (!name.ends_with(kSuffix) ||
        !is_id(std::string_view(name).substr(0, name.size() - kSuffix.size())))
      continue;
    const std::string id = name.substr(0, name.size() - kSuffix.size());
    const StoredKey stored = TRY(load(path_of(id), id));
    const crypto::PublicKey public_key = TRY(crypto::PublicKey::from_spki(stored.spki));
    keys.push_back({id, public_key.type()});
  }
  return keys;
}

Result<void> SoftwareKeyStore::destroy(std::string_view id) {
  if (!is_id(id) || !os::exists(path_of(id))) return fail(Code::kNotFound, "no such key");
  return os::remove_file(path_of(id));
}

Result<void> SoftwareKeyStore::health() const {
  TRY(os::list_directory(directory_));
  return {};
}

}  // namespace chancery::keys
