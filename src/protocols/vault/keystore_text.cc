#include "protocols/vault/keystore_text.h"

#include "containers/jks.h"
#include "containers/pkcs12.h"
#include "crypto/system_random.h"

namespace chancery::vault {
namespace {

// A client waits for it, and most of these passwords are known to everybody.
constexpr std::uint32_t kIterations = 10'000;

// The certificate, then its authorities from the nearest on.
Result<std::vector<x509::Certificate>> certificates(const ca::Issued& issued, std::size_t chain) {
  std::vector<x509::Certificate> all{issued.certificate};
  const ca::Authority& authority = *issued.authority;
  for (std::size_t i = 0; i < chain; ++i) {
    if (i == 0) {
      all.push_back(authority.certificate());
    } else {
      all.push_back(TRY(x509::Certificate::parse(BytesView(authority.record().chain[i - 1]))));
    }
  }
  return all;
}

Result<crypto::PrivateKey> copy_of(const crypto::PrivateKey& key) {
  const SecretBytes pkcs8 = TRY(key.to_pkcs8());
  return crypto::PrivateKey::from_pkcs8(pkcs8.view());
}

}  // namespace

Result<std::string> pkcs12_text(const ca::Issued& issued, const crypto::PrivateKey* key,
                                std::size_t chain, const Keystore& store) {
  containers::Pkcs12 content;
  const auto id = x509::key_identifier(TRY(issued.certificate.public_key()));
  const Bytes local_key_id = to_bytes(BytesView(id));
  const auto all = TRY(certificates(issued, chain));
  for (std::size_t i = 0; i < all.size(); ++i) {
    containers::Pkcs12::Certificate each{all[i], {}, {}, key == nullptr};
    if (key == nullptr) each.friendly_name = std::to_string(i + 1);
    if (key != nullptr && i == 0) {
      each.friendly_name = store.alias;
      each.local_key_id = local_key_id;
    }
    content.certificates.push_back(std::move(each));
  }
  if (key != nullptr) content.keys.push_back({TRY(copy_of(*key)), store.alias, local_key_id});
  crypto::SystemRandom random;
  const containers::Pkcs12Options options{kIterations, store.pbmac1
                                                           ? containers::Pkcs12Mac::kPbmac1
                                                           : containers::Pkcs12Mac::kHmacSha256};
  return base64(TRY(containers::write_pkcs12(content, store.password, random, options)));
}

Result<std::string> jks_text(const ca::Issued& issued, const crypto::PrivateKey* key,
                             std::size_t chain, const Keystore& store) {
  containers::Jks content;
  auto all = TRY(certificates(issued, chain));
  const TimePoint created = issued.certificate.not_before();
  if (key != nullptr) {
    content.keys.push_back({store.alias, created, TRY(copy_of(*key)), std::move(all)});
  } else {
    for (x509::Certificate& each : all) {
      const std::string alias = std::to_string(content.trusted.size() + 1);
      content.trusted.push_back({alias, created, std::move(each)});
    }
  }
  crypto::SystemRandom random;
  return base64(TRY(containers::write_jks(content, store.password, random)));
}

}  // namespace chancery::vault
