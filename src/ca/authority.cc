#include "ca/authority.h"

namespace chancery::ca {
namespace {

using crypto::KeyAlgorithm;
using crypto::SignatureScheme;

// PEMs without a trailing newline are what the Vault API carries; one form is kept.
std::string bare_pem(const x509::Certificate& certificate) {
  std::string text = certificate.to_pem();
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

SignatureScheme rsa_scheme(unsigned bits, bool use_pss) {
  switch (bits) {
    case 384:
      return use_pss ? SignatureScheme::kRsaPssSha384 : SignatureScheme::kRsaPkcs1Sha384;
    case 512:
      return use_pss ? SignatureScheme::kRsaPssSha512 : SignatureScheme::kRsaPkcs1Sha512;
    default:
      return use_pss ? SignatureScheme::kRsaPssSha256 : SignatureScheme::kRsaPkcs1Sha256;
  }
}

}  // namespace

Authority::Authority(record::Scope scope, AuthorityRecord record, x509::Certificate certificate,
                     crypto::PublicKey key, std::shared_ptr<const keys::Signer> signer,
                     Result<Urls> urls, StatusIdentity status)
    : scope_(std::move(scope)),
      record_(std::move(record)),
      urls_(std::move(urls)),
      status_(std::move(status)),
      certificate_(std::move(certificate)),
      public_key_(std::move(key)),
      signer_(std::move(signer)),
      hashes_(x509::issuer_hashes(certificate_.subject(), public_key_)) {
  if (const auto id = certificate_.subject_key_id()) {
    key_identifier_ = to_bytes(*id);
  } else {
    const auto computed = x509::key_identifier(public_key_);
    key_identifier_ = to_bytes(BytesView(computed));
  }
}

Result<std::shared_ptr<const Authority>> Authority::make(
    record::Scope scope, AuthorityRecord record, std::shared_ptr<const keys::Signer> signer) {
  Urls urls = record.urls;
  StatusIdentity status{record.id};
  return make(std::move(scope), std::move(record), std::move(signer), std::move(urls),
              std::move(status));
}

Result<std::shared_ptr<const Authority>> Authority::make(record::Scope scope,
                                                         AuthorityRecord record,
                                                         std::shared_ptr<const keys::Signer> signer,
                                                         Result<Urls> urls, StatusIdentity status) {
  auto certificate = TRY(x509::Certificate::parse(BytesView(record.certificate)));
  if (!certificate.is_ca()) return fail(Code::kRefused, "the certificate is not a CA certificate");
  auto key = TRY(certificate.public_key());
  if (signer && !equal(signer->public_key().spki(), key.spki())) {
    return std::unexpected(Error{
        Code::kDataLoss,
        "the authority's certificate and key do not belong together",
        {},
        {}}.with("authority", record.id));
  }
  std::vector<std::string> chain{bare_pem(certificate)};
  std::optional<std::size_t> root;
  if (certificate.is_self_issued()) root = 0;
  for (const Bytes& der : record.chain) {
    const auto parent = TRY(x509::Certificate::parse(BytesView(der)));
    if (!root && parent.is_self_issued()) root = chain.size();
    chain.push_back(bare_pem(parent));
  }
  std::shared_ptr<Authority> authority(
      new Authority(std::move(scope), std::move(record), std::move(certificate), std::move(key),
                    std::move(signer), std::move(urls), std::move(status)));
  authority->below_root_ = root.value_or(chain.size());
  authority->chain_pem_ = std::move(chain);
  return authority;
}

policy::IssuerFacts Authority::facts(const policy::Limits& limits) const {
  const auto& constraints = certificate_.extensions().basic_constraints;
  return {record_.id,
          certificate_.not_after(),
          limits,
          record_.not_after_behavior == NotAfterBehavior::kTruncate,
          constraints ? constraints->path_length : std::nullopt,
          certificate_.not_before()};
}

Result<void> Authority::may(Usage::Bit use) const {
  if (record_.usage.has(use)) return {};
  Usage wanted;
  wanted.add(use);
  std::string name = to_string(wanted);
  name.resize(name.rfind(",read-only"));
  return std::unexpected(Error{Code::kRefused,
                               "error while attempting to use issuer " + record_.id +
                                   ": requested usage " + name + " for issuer [id:" + record_.id +
                                   (record_.name.empty() ? "" : " / name:" + record_.name) +
                                   "] but only had usage " + to_string(record_.usage),
                               {},
                               {}}
                             .with("field", "issuer_ref")
                             .with("rule", "usage"));
}

SignatureScheme Authority::scheme(unsigned signature_bits, bool use_pss) const {
  return scheme_for(public_key_.type(), signature_bits, use_pss);
}

SignatureScheme Authority::revocation_scheme() const {
  return record_.revocation_scheme.value_or(scheme(0, false));
}

std::string to_string(Usage usage) {
  std::string text;
  if (usage.has(Usage::kCrlSigning)) text += "crl-signing,";
  if (usage.has(Usage::kIssuing)) text += "issuing-certificates,";
  if (usage.has(Usage::kOcspSigning)) text += "ocsp-signing,";
  return text + "read-only";
}

SignatureScheme scheme_for(crypto::KeyType type, unsigned signature_bits, bool use_pss) {
  if (type.algorithm == KeyAlgorithm::kRsa) return rsa_scheme(signature_bits, use_pss);
  return crypto::default_scheme(type);
}

}  // namespace chancery::ca
