#include "acme_test_server/memory_keys.h"

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/uuid.h"

namespace chancery::acme_test {

class MemoryKeys::Signer final : public keys::Signer {
 public:
  Signer(std::string id, crypto::PrivateKey key, std::function<void()> before_signing)
      : id_(std::move(id)), key_(std::move(key)), before_signing_(std::move(before_signing)) {}

  [[nodiscard]] std::string_view key_id() const override { return id_; }
  [[nodiscard]] const crypto::PublicKey& public_key() const override { return key_.public_key(); }
  [[nodiscard]] Result<Bytes> sign(crypto::SignatureScheme scheme,
                                   BytesView message) const override {
    if (before_signing_) before_signing_();
    return key_.sign(scheme, message);
  }
  [[nodiscard]] bool slow() const override { return true; }
  [[nodiscard]] const crypto::PrivateKey& key() const { return key_; }

 private:
  const std::string id_;
  const crypto::PrivateKey key_;
  const std::function<void()> before_signing_;
};

struct MemoryKeys::State {
  std::function<void()> before_signing;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const Signer>, std::less<>> keys;  // guarded by mutex
};

MemoryKeys::MemoryKeys(Random& random, std::function<void()> before_signing)
    : random_(random), state_(std::make_shared<State>()) {
  state_->before_signing = std::move(before_signing);
}

Result<std::shared_ptr<const keys::Signer>> MemoryKeys::add(crypto::PrivateKey key) {
  auto signer =
      std::make_shared<const Signer>(make_uuid(random_), std::move(key), state_->before_signing);
  const std::scoped_lock lock(state_->mutex);
  state_->keys.emplace(signer->key_id(), signer);
  return signer;
}

Result<std::shared_ptr<const keys::Signer>> MemoryKeys::generate(crypto::KeyType type) {
  if (!crypto::can_sign(type.algorithm))
    return fail(Code::kInvalidArgument, crypto::to_string(type) + " keys sign nothing");
  return add(TRY(crypto::PrivateKey::generate(type)));
}

Result<std::shared_ptr<const keys::Signer>> MemoryKeys::import_key(const crypto::PrivateKey& key) {
  if (!crypto::can_sign(key.type().algorithm))
    return fail(Code::kInvalidArgument, crypto::to_string(key.type()) + " keys sign nothing");
  const SecretBytes pkcs8 = TRY(key.to_pkcs8());
  return add(TRY(crypto::PrivateKey::from_pkcs8(pkcs8.view())));
}

Result<std::shared_ptr<const MemoryKeys::Signer>> MemoryKeys::find_own(std::string_view id) const {
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->keys.find(id);
  if (found == state_->keys.end()) return fail(Code::kNotFound, "no such key");
  return found->second;
}

Result<std::shared_ptr<const keys::Signer>> MemoryKeys::find(std::string_view id) const {
  return TRY(find_own(id));
}

Result<std::vector<keys::KeyInfo>> MemoryKeys::list() const {
  const std::scoped_lock lock(state_->mutex);
  std::vector<keys::KeyInfo> all;
  for (const auto& [id, signer] : state_->keys) all.push_back({id, signer->public_key().type()});
  return all;
}

Result<void> MemoryKeys::destroy(std::string_view id) {
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->keys.find(id);
  if (found == state_->keys.end()) return fail(Code::kNotFound, "no such key");
  state_->keys.erase(found);
  return {};
}

Result<crypto::PrivateKey::Traditional> MemoryKeys::show(std::string_view id) const {
  return TRY(find_own(id))->key().to_traditional();
}

}  // namespace chancery::acme_test
