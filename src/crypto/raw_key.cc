#include "crypto/raw_key.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>
#include <string>

#include "asn1/reader.h"
#include "crypto/curve_points.h"
#include "crypto/library.h"
#include "crypto/secret_writer.h"

namespace chancery::crypto {
namespace {

// How the privateKey OCTET STRING of PKCS#8 holds the key.
enum class PrivateForm : std::uint8_t {
  kOctetString,  // in one more OCTET STRING: RFC 8410 section 7
  kChoice,       // a seed, the expanded key or both: RFC 9881 section 6, RFC 9935 section 6
  kPlain,        // as it is: RFC 9909 section 6
};

struct RawFacts {
  const char* name;
  std::size_t public_size;
  std::size_t signature_size;  // 0: signs nothing
  std::size_t private_size;    // of the seed, where there is one
  PrivateForm form;
};

// RFC 8032; FIPS 204, table 2; FIPS 205, table 2; RFC 7748; FIPS 203, table 3.
constexpr std::array<RawFacts, 22> kFacts = {{
    {"ED25519", 32, 64, 32, PrivateForm::kOctetString},
    {"ED448", 57, 114, 57, PrivateForm::kOctetString},
    {"ML-DSA-44", 1312, 2420, 32, PrivateForm::kChoice},
    {"ML-DSA-65", 1952, 3309, 32, PrivateForm::kChoice},
    {"ML-DSA-87", 2592, 4627, 32, PrivateForm::kChoice},
    {"SLH-DSA-SHA2-128s", 32, 7856, 64, PrivateForm::kPlain},
    {"SLH-DSA-SHA2-128f", 32, 17088, 64, PrivateForm::kPlain},
    {"SLH-DSA-SHA2-192s", 48, 16224, 96, PrivateForm::kPlain},
    {"SLH-DSA-SHA2-192f", 48, 35664, 96, PrivateForm::kPlain},
    {"SLH-DSA-SHA2-256s", 64, 29792, 128, PrivateForm::kPlain},
    {"SLH-DSA-SHA2-256f", 64, 49856, 128, PrivateForm::kPlain},
    {"SLH-DSA-SHAKE-128s", 32, 7856, 64, PrivateForm::kPlain},
    {"SLH-DSA-SHAKE-128f", 32, 17088, 64, PrivateForm::kPlain},
    {"SLH-DSA-SHAKE-192s", 48, 16224, 96, PrivateForm::kPlain},
    {"SLH-DSA-SHAKE-192f", 48, 35664, 96, PrivateForm::kPlain},
    {"SLH-DSA-SHAKE-256s", 64, 29792, 128, PrivateForm::kPlain},
    {"SLH-DSA-SHAKE-256f", 64, 49856, 128, PrivateForm::kPlain},
    {"X25519", 32, 0, 32, PrivateForm::kOctetString},
    {"X448", 56, 0, 56, PrivateForm::kOctetString},
    {"ML-KEM-512", 800, 0, 64, PrivateForm::kChoice},
    {"ML-KEM-768", 1184, 0, 64, PrivateForm::kChoice},
    {"ML-KEM-1024", 1568, 0, 64, PrivateForm::kChoice},
}};

constexpr std::uint8_t kSeedTag = asn1::context(0);

std::size_t index_of(KeyAlgorithm algorithm) {
  const auto index =
      static_cast<std::size_t>(algorithm) - static_cast<std::size_t>(KeyAlgorithm::kEd25519);
  CHANCERY_CHECK(index < kFacts.size());
  return index;
}

const RawFacts& facts(KeyAlgorithm algorithm) { return kFacts[index_of(algorithm)]; }

std::string name_of(KeyAlgorithm algorithm) { return to_string({algorithm, 0}); }

// The algorithms that sign stand before those that do not, in the order of their schemes.
EVP_SIGNATURE* signature_of(KeyAlgorithm algorithm) {
  return library().raw_key[index_of(algorithm)];
}

OSSL_PARAM octets(const char* key, BytesView value) {
  return OSSL_PARAM_construct_octet_string(key, const_cast<std::uint8_t*>(value.data()),
                                           value.size());
}

// An import context a thread saves the look-up of the algorithm by name: for Ed25519 0.9 µs instead
// of 1.6 with EVP_PKEY_new_raw_public_key_ex.
EVP_PKEY_CTX* import_context(KeyAlgorithm algorithm) {
  thread_local std::array<PkeyCtxPtr, kFacts.size()> contexts;
  PkeyCtxPtr& context = contexts[index_of(algorithm)];
  if (context == nullptr) {
    context.reset(EVP_PKEY_CTX_new_from_name(nullptr, facts(algorithm).name, nullptr));
    CHANCERY_CHECK(context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1);
  }
  return context.get();
}

PkeyPtr import_key(KeyAlgorithm algorithm, int selection, std::span<OSSL_PARAM> params) {
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(import_context(algorithm), &key, selection, params.data()) != 1)
    clear_library_errors();
  return PkeyPtr{key};
}

class RawVerifyingKey final : public VerifyingKey {
 public:
  RawVerifyingKey(KeyAlgorithm algorithm, PkeyPtr key)
      : algorithm_(algorithm), key_(std::move(key)) {}

  [[nodiscard]] bool verify(SignatureScheme, BytesView message,
                            BytesView signature) const override {
    if (signature.size() != facts(algorithm_).signature_size) return false;
    const PkeyCtxPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
    const bool ok =
        context != nullptr &&
        EVP_PKEY_verify_message_init(context.get(), signature_of(algorithm_), nullptr) == 1 &&
        EVP_PKEY_verify(context.get(), signature.data(), signature.size(), message.data(),
                        message.size()) == 1;
    if (!ok) clear_library_errors();
    return ok;
  }

 private:
  KeyAlgorithm algorithm_;
  PkeyPtr key_;
};

class RawSigningKey final : public SigningKey {
 public:
  RawSigningKey(KeyAlgorithm algorithm, PkeyPtr key)
      : algorithm_(algorithm), key_(std::move(key)) {}

  [[nodiscard]] KeyType type() const override { return {algorithm_, 0}; }

  [[nodiscard]] Result<Bytes> public_key_bits() const override {
    Bytes out(facts(algorithm_).public_size);
    std::size_t size = out.size();
    if (EVP_PKEY_get_raw_public_key(key_.get(), out.data(), &size) != 1 || size != out.size()) {
      return library_failure("reading a public key failed");
    }
    return out;
  }

  [[nodiscard]] Result<SecretBytes> private_key_octets() const override {
    if (facts(algorithm_).form == PrivateForm::kPlain) return raw_private_key();
    if (facts(algorithm_).form == PrivateForm::kOctetString) {
      const SecretBytes key = TRY(raw_private_key());
      return write_secret([&](asn1::Writer& w) { w.octet_string(key.view()); });
    }
    SecretBytes seed(facts(algorithm_).private_size);
    std::size_t size = 0;
    // ML-DSA and ML-KEM name this parameter alike.
    if (EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_ML_DSA_SEED,
                                        seed.mutable_view().data(), seed.size(), &size) == 1 &&
        size == seed.size()) {
      return write_secret([&](asn1::Writer& w) { w.element(kSeedTag, seed.view()); });
    }
    clear_library_errors();
    const SecretBytes expanded = TRY(raw_private_key());
    return write_secret([&](asn1::Writer& w) { w.octet_string(expanded.view()); });
  }

  [[nodiscard]] Result<Bytes> sign(SignatureScheme, BytesView message) const override {
    Bytes signature(facts(algorithm_).signature_size);
    std::size_t size = signature.size();
    const PkeyCtxPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)};
    const bool ok =
        context != nullptr &&
        EVP_PKEY_sign_message_init(context.get(), signature_of(algorithm_), nullptr) == 1 &&
        EVP_PKEY_sign(context.get(), signature.data(), &size, message.data(), message.size()) ==
            1 &&
        size == signature.size();
    if (!ok) return library_failure("signing failed");
    return signature;
  }

 private:
  [[nodiscard]] Result<SecretBytes> raw_private_key() const {
    std::size_t size = 0;
    if (EVP_PKEY_get_raw_private_key(key_.get(), nullptr, &size) != 1)
      return library_failure("reading a private key failed");
    SecretBytes out(size);
    if (EVP_PKEY_get_raw_private_key(key_.get(), out.mutable_view().data(), &size) != 1) {
      return library_failure("reading a private key failed");
    }
    return out;
  }

  KeyAlgorithm algorithm_;
  PkeyPtr key_;
};

Result<PkeyPtr> import_plain(KeyAlgorithm algorithm, BytesView key) {
  if (key.size() != facts(algorithm).private_size)
    return fail(Code::kMalformed, name_of(algorithm) + " private key has the wrong length");
  PkeyPtr imported{EVP_PKEY_new_raw_private_key_ex(nullptr, facts(algorithm).name, nullptr,
                                                   key.data(), key.size())};
  if (imported == nullptr) return library_failure(name_of(algorithm) + " key import failed");
  return imported;
}

Result<PkeyPtr> import_octet_string(KeyAlgorithm algorithm, BytesView der) {
  asn1::Reader reader(der);
  const BytesView key = TRY(reader.read_octet_string());
  TRY(reader.finish());
  return import_plain(algorithm, key);
}

// An SLH-DSA private key contains its public key; whether they belong together takes making the
// top tree again, which is what generating the key takes.
Result<PkeyPtr> import_slh_dsa(KeyAlgorithm algorithm, BytesView content) {
  PkeyPtr key = TRY(import_plain(algorithm, content));
  const PkeyCtxPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
  if (context == nullptr || EVP_PKEY_pairwise_check(context.get()) != 1) {
    clear_library_errors();
    return fail(Code::kRefused, name_of(algorithm) + " private key is not consistent");
  }
  return key;
}

struct ChoicePrivateKey {
  BytesView seed;
  BytesView expanded;
};

// CHOICE { seed [0] OCTET STRING, expandedKey OCTET STRING, both SEQUENCE }.
Result<ChoicePrivateKey> read_choice(BytesView der) {
  asn1::Reader reader(der);
  ChoicePrivateKey parts;
  if (reader.next_is(kSeedTag)) {
    parts.seed = TRY(reader.read(kSeedTag));
  } else if (reader.next_is(asn1::kOctetString)) {
    parts.expanded = TRY(reader.read_octet_string());
  } else {
    asn1::Reader both = TRY(reader.enter_sequence());
    parts.seed = TRY(both.read_octet_string());
    parts.expanded = TRY(both.read_octet_string());
    TRY(both.finish());
    if (parts.seed.empty() || parts.expanded.empty()) return reader.error("private key is empty");
  }
  TRY(reader.finish());
  return parts;
}

// OpenSSL checks the sizes, that an expanded key holds the hash of its own public key, and, given
// both forms, that the seed expands to the other.
Result<PkeyPtr> import_choice(KeyAlgorithm algorithm, BytesView der) {
  const ChoicePrivateKey parts = TRY(read_choice(der));
  std::array<OSSL_PARAM, 3> params{};
  std::size_t count = 0;
  if (!parts.seed.empty()) params[count++] = octets(OSSL_PKEY_PARAM_ML_DSA_SEED, parts.seed);
  if (!parts.expanded.empty()) params[count++] = octets(OSSL_PKEY_PARAM_PRIV_KEY, parts.expanded);
  if (count == 0) return fail(Code::kMalformed, name_of(algorithm) + " private key is empty");
  params[count] = OSSL_PARAM_construct_end();
  PkeyPtr key = import_key(algorithm, EVP_PKEY_KEYPAIR, params);
  if (key == nullptr)
    return fail(Code::kRefused, name_of(algorithm) + " private key is not consistent");
  return key;
}

Result<PkeyPtr> import_private_key(KeyAlgorithm algorithm, BytesView content) {
  switch (facts(algorithm).form) {
    case PrivateForm::kOctetString:
      return import_octet_string(algorithm, content);
    case PrivateForm::kChoice:
      return import_choice(algorithm, content);
    case PrivateForm::kPlain:
      return import_slh_dsa(algorithm, content);
  }
  CHANCERY_CHECK(false);
}

}  // namespace

Result<VerifyingKeyPtr> parse_raw_public_key(KeyAlgorithm algorithm, BytesView key) {
  if (key.size() != facts(algorithm).public_size)
    return fail(Code::kMalformed, "public key has the wrong length");
  TRY(check_curve_point(algorithm, key));
  std::array<OSSL_PARAM, 2> params = {octets(OSSL_PKEY_PARAM_PUB_KEY, key),
                                      OSSL_PARAM_construct_end()};
  PkeyPtr parsed = import_key(algorithm, EVP_PKEY_PUBLIC_KEY, params);
  if (parsed == nullptr) return fail(Code::kMalformed, "public key is not valid for its algorithm");
  return std::make_unique<RawVerifyingKey>(algorithm, std::move(parsed));
}

Result<SigningKeyPtr> parse_raw_private_key(KeyAlgorithm algorithm, BytesView content) {
  PkeyPtr key = TRY(import_private_key(algorithm, content));
  return std::make_unique<RawSigningKey>(algorithm, std::move(key));
}

Result<SigningKeyPtr> generate_raw_key(KeyAlgorithm algorithm) {
  PkeyPtr key{EVP_PKEY_Q_keygen(nullptr, nullptr, facts(algorithm).name)};
  if (key == nullptr) return library_failure("key generation failed");
  return std::make_unique<RawSigningKey>(algorithm, std::move(key));
}

}  // namespace chancery::crypto
