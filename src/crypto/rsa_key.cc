// The deprecated RSA calls are used on purpose: parsing a 2048-bit public key and verifying with it
// takes 28.8 µs with them, 32.7 with EVP_PKEY_fromdata and 41.6 with d2i_PUBKEY (raw
// RSA_verify: 20.9), and PSS needs no parameters by name. Signing costs the same either way (737
// µs).
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/rsa_key.h"

#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include <array>
#include <bit>
#include <string>

#include "asn1/reader.h"
#include "crypto/library.h"
#include "crypto/secret_writer.h"
#include "crypto/signature_scheme.h"

namespace chancery::crypto {
namespace {

using RsaPtr = std::unique_ptr<RSA, OpenSslDeleter<RSA_free>>;

constexpr unsigned kMaxModulusSize = 1024;
constexpr std::size_t kMaxExponentSize = 8;

BnPtr to_bn(BytesView magnitude) {
  BnPtr number{BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr)};
  CHANCERY_CHECK(number != nullptr);
  return number;
}

int nid_of(DigestAlgorithm hash) {
  switch (hash) {
    case DigestAlgorithm::kSha384:
      return NID_sha384;
    case DigestAlgorithm::kSha512:
      return NID_sha512;
    default:
      return NID_sha256;
  }
}

unsigned modulus_size(const RSA* rsa) { return static_cast<unsigned>(RSA_size(rsa)); }

// OpenSSL's verifying and signing calls take RSA* but change only what they guard with the key's
// own lock.
bool verify_pkcs1(RSA* rsa, DigestAlgorithm hash, const DigestValue& digest, BytesView signature) {
  return RSA_verify(nid_of(hash), digest.bytes.data(), digest.size, signature.data(),
                    static_cast<unsigned>(signature.size()), rsa) == 1;
}

bool verify_pss(RSA* rsa, DigestAlgorithm hash, const DigestValue& digest, BytesView signature) {
  std::array<std::uint8_t, kMaxModulusSize> encoded{};
  const int size = static_cast<int>(signature.size());
  if (RSA_public_decrypt(size, signature.data(), encoded.data(), rsa, RSA_NO_PADDING) != size)
    return false;
  return RSA_verify_PKCS1_PSS_mgf1(rsa, digest.bytes.data(), evp_md(hash), evp_md(hash),
                                   encoded.data(), static_cast<int>(digest.size)) == 1;
}

bool verify_with(RSA* rsa, SignatureScheme scheme, BytesView message, BytesView signature) {
  if (signature.size() != modulus_size(rsa)) return false;
  const DigestAlgorithm hash = hash_of(scheme);
  const DigestValue digest = digest_value(hash, message);
  const bool ok = is_pss(scheme) ? verify_pss(rsa, hash, digest, signature)
                                 : verify_pkcs1(rsa, hash, digest, signature);
  if (!ok) clear_library_errors();
  return ok;
}

class RsaVerifyingKey final : public VerifyingKey {
 public:
  explicit RsaVerifyingKey(RsaPtr rsa) : rsa_(std::move(rsa)) {}
  [[nodiscard]] bool verify(SignatureScheme scheme, BytesView message,
                            BytesView signature) const override {
    return verify_with(rsa_.get(), scheme, message, signature);
  }

 private:
  RsaPtr rsa_;
};

bool sign_pss(RSA* rsa, DigestAlgorithm hash, const DigestValue& digest, Bytes& signature) {
  std::array<std::uint8_t, kMaxModulusSize> encoded{};
  const int size = static_cast<int>(signature.size());
  return RSA_padding_add_PKCS1_PSS_mgf1(rsa, encoded.data(), digest.bytes.data(), evp_md(hash),
                                        evp_md(hash), static_cast<int>(digest.size)) == 1 &&
         RSA_private_encrypt(size, encoded.data(), signature.data(), rsa, RSA_NO_PADDING) == size;
}

bool sign_pkcs1(RSA* rsa, DigestAlgorithm hash, const DigestValue& digest, Bytes& signature) {
  unsigned size = 0;
  return RSA_sign(nid_of(hash), digest.bytes.data(), digest.size, signature.data(), &size, rsa) ==
             1 &&
         size == signature.size();
}

void write_number(asn1::Writer& w, const BIGNUM* number) {
  std::array<std::uint8_t, kMaxModulusSize> bytes{};
  const int size = BN_bn2bin(number, bytes.data());
  w.unsigned_integer(BytesView(bytes).first(static_cast<std::size_t>(size)));
  wipe(bytes);
}

class RsaSigningKey final : public SigningKey {
 public:
  explicit RsaSigningKey(RsaPtr rsa) : rsa_(std::move(rsa)) {}

  [[nodiscard]] KeyType type() const override {
    return {KeyAlgorithm::kRsa, static_cast<unsigned>(RSA_bits(rsa_.get()))};
  }

  [[nodiscard]] Result<Bytes> public_key_bits() const override {
    asn1::Writer w;
    w.sequence([&] {
      write_number(w, RSA_get0_n(rsa_.get()));
      write_number(w, RSA_get0_e(rsa_.get()));
    });
    return std::move(w).take();
  }

  [[nodiscard]] Result<SecretBytes> private_key_octets() const override {
    const RSA* rsa = rsa_.get();
    return write_secret([&](asn1::Writer& w) {
      w.sequence([&] {
        w.integer(0);
        for (const BIGNUM* number :
             {RSA_get0_n(rsa), RSA_get0_e(rsa), RSA_get0_d(rsa), RSA_get0_p(rsa), RSA_get0_q(rsa),
              RSA_get0_dmp1(rsa), RSA_get0_dmq1(rsa), RSA_get0_iqmp(rsa)}) {
          write_number(w, number);
        }
      });
    });
  }

  [[nodiscard]] Result<Bytes> sign(SignatureScheme scheme, BytesView message) const override {
    const DigestAlgorithm hash = hash_of(scheme);
    const DigestValue digest = digest_value(hash, message);
    Bytes signature(modulus_size(rsa_.get()));
    const bool ok = is_pss(scheme) ? sign_pss(rsa_.get(), hash, digest, signature)
                                   : sign_pkcs1(rsa_.get(), hash, digest, signature);
    if (!ok) return library_failure("RSA signing failed");
    return signature;
  }

 private:
  RsaPtr rsa_;
};

struct PublicNumbers {
  BytesView modulus;
  BytesView exponent;
};

// The magnitude has no leading zero byte.
std::size_t bit_size(BytesView magnitude) {
  return (magnitude.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(magnitude[0]));
}

// A verification squares once per bit of the exponent and multiplies once per bit that is set. RSA
// 4096 with 65537 takes 0.06 ms; 8192 bits with an exponent of 64 ones takes 30 times as long.
bool slow_to_verify(const PublicNumbers& numbers) {
  constexpr std::size_t kQuickModulus = 4096;
  constexpr std::size_t kQuickExponent = 17;  // 65537
  return bit_size(numbers.modulus) > kQuickModulus || bit_size(numbers.exponent) > kQuickExponent;
}

Result<void> check_strength(const PublicNumbers& numbers) {
  const std::size_t bits = bit_size(numbers.modulus);
  if (!is_valid_rsa_size(bits)) {
    return fail(
        Code::kRefused,
        "RSA keys must have 2048 to 8192 bits in steps of 8; this one has " + std::to_string(bits));
  }
  if ((numbers.modulus.back() & 1) == 0) return fail(Code::kRefused, "RSA modulus is even");
  const BytesView e = numbers.exponent;
  if (e.size() > kMaxExponentSize)
    return fail(Code::kRefused, "RSA exponent has more than 64 bits");
  if ((e.back() & 1) == 0 || (e.size() == 1 && e[0] < 3)) {
    return fail(Code::kRefused, "RSA exponent must be odd and at least 3");
  }
  return {};
}

Result<PublicNumbers> read_public_numbers(asn1::Reader& reader) {
  PublicNumbers numbers;
  numbers.modulus = TRY(reader.read_unsigned());
  numbers.exponent = TRY(reader.read_unsigned());
  TRY(check_strength(numbers));
  return numbers;
}

RsaPtr make_rsa(const PublicNumbers& numbers, BnPtr d = nullptr) {
  RsaPtr rsa{RSA_new()};
  CHANCERY_CHECK(rsa != nullptr);
  CHANCERY_CHECK(RSA_set0_key(rsa.get(), to_bn(numbers.modulus).release(),
                              to_bn(numbers.exponent).release(), d.release()) == 1);
  return rsa;
}

// holds_for_prime checks one prime p with its d mod (p-1): e·d ≡ 1 and dp ≡ d (mod p-1).
bool holds_for_prime(const RSA* rsa, const BIGNUM* p, const BIGNUM* dp, BN_CTX* context) {
  const BnPtr less_one{BN_dup(p)};
  const BnPtr result{BN_secure_new()};
  if (less_one == nullptr || result == nullptr || !BN_is_odd(p) || BN_is_one(p)) return false;
  const BIGNUM* d = RSA_get0_d(rsa);
  return BN_sub_word(less_one.get(), 1) == 1 &&
         BN_mod_mul(result.get(), RSA_get0_e(rsa), d, less_one.get(), context) == 1 &&
         BN_is_one(result.get()) && BN_nnmod(result.get(), d, less_one.get(), context) == 1 &&
         BN_cmp(result.get(), dp) == 0;
}

bool numbers_agree(const RSA* rsa) {
  const BnCtxPtr context{BN_CTX_secure_new()};
  const BnPtr result{BN_secure_new()};
  if (context == nullptr || result == nullptr) return false;
  const BIGNUM* p = RSA_get0_p(rsa);
  const BIGNUM* q = RSA_get0_q(rsa);
  return BN_mul(result.get(), p, q, context.get()) == 1 &&
         BN_cmp(result.get(), RSA_get0_n(rsa)) == 0 &&
         BN_cmp(RSA_get0_d(rsa), RSA_get0_n(rsa)) < 0 &&
         holds_for_prime(rsa, p, RSA_get0_dmp1(rsa), context.get()) &&
         holds_for_prime(rsa, q, RSA_get0_dmq1(rsa), context.get()) &&
         BN_mod_mul(result.get(), RSA_get0_iqmp(rsa), q, p, context.get()) == 1 &&
         BN_is_one(result.get()) && BN_cmp(RSA_get0_iqmp(rsa), p) < 0;
}

// The sums above hold for a p or q that is no prime, too; a signature made with such a key does not
// verify. Both together cost a signature; EVP_PKEY_pairwise_check tests the primes, which costs
// fifty.
bool signs_and_verifies(RSA* rsa) {
  static constexpr std::string_view kMessage = "chancery RSA import check";
  const DigestValue digest = digest_value(DigestAlgorithm::kSha256, as_bytes(kMessage));
  Bytes signature(modulus_size(rsa));
  return sign_pkcs1(rsa, DigestAlgorithm::kSha256, digest, signature) &&
         verify_pkcs1(rsa, DigestAlgorithm::kSha256, digest, signature);
}

Result<RsaPtr> read_private_numbers(asn1::Reader& reader) {
  const PublicNumbers numbers = TRY(read_public_numbers(reader));
  std::array<BnPtr, 6> secret;  // d, p, q, dp, dq, qinv
  for (BnPtr& number : secret) {
    const BytesView magnitude = TRY(reader.read_unsigned());
    if (magnitude.size() > kMaxModulusSize)
      return reader.error("RSA private key has an oversized number");
    number = secret_number(magnitude);
  }
  TRY(reader.finish());
  RsaPtr rsa = make_rsa(numbers, std::move(secret[0]));
  CHANCERY_CHECK(RSA_set0_factors(rsa.get(), secret[1].release(), secret[2].release()) == 1);
  CHANCERY_CHECK(RSA_set0_crt_params(rsa.get(), secret[3].release(), secret[4].release(),
                                     secret[5].release()) == 1);
  return rsa;
}

int go_on(int /*step*/, int /*count*/, BN_GENCB* progress) {
  const auto* cancelled = static_cast<const std::atomic<bool>*>(BN_GENCB_get_arg(progress));
  return cancelled == nullptr || !cancelled->load(std::memory_order_relaxed) ? 1 : 0;
}

}  // namespace

Result<ParsedPublicKey> parse_rsa_public_key(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const PublicNumbers numbers = TRY(read_public_numbers(reader));
  TRY(reader.finish());
  return ParsedPublicKey{{KeyAlgorithm::kRsa, static_cast<unsigned>(bit_size(numbers.modulus))},
                         std::make_unique<RsaVerifyingKey>(make_rsa(numbers)),
                         slow_to_verify(numbers)};
}

Result<SigningKeyPtr> parse_rsa_private_key(BytesView der) {
  asn1::Reader outer(der);
  asn1::Reader reader = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (TRY(reader.read_int64()) != 0)
    return fail(Code::kUnsupported, "RSA keys of more than two primes are not supported");
  RsaPtr rsa = TRY(read_private_numbers(reader));
  if (!numbers_agree(rsa.get()) || !signs_and_verifies(rsa.get())) {
    clear_library_errors();
    return fail(Code::kRefused, "the numbers of the RSA private key do not belong together");
  }
  return std::make_unique<RsaSigningKey>(std::move(rsa));
}

Result<SigningKeyPtr> generate_rsa_key(unsigned bits, const std::atomic<bool>* cancelled) {
  if (!is_valid_rsa_size(bits)) {
    return fail(Code::kInvalidArgument, "RSA keys have 2048 to 8192 bits in steps of 8");
  }
  RsaPtr rsa{RSA_new()};
  const BnPtr exponent{BN_new()};
  const GencbPtr progress{BN_GENCB_new()};
  if (rsa == nullptr || exponent == nullptr || progress == nullptr ||
      BN_set_word(exponent.get(), RSA_F4) != 1) {
    return library_failure("RSA key generation failed");
  }
  // Called for every candidate of a prime; 0 ends it.
  BN_GENCB_set(progress.get(), go_on, const_cast<std::atomic<bool>*>(cancelled));
  if (RSA_generate_key_ex(rsa.get(), static_cast<int>(bits), exponent.get(), progress.get()) != 1) {
    if (cancelled == nullptr || !cancelled->load())
      return library_failure("RSA key generation failed");
    clear_library_errors();
    return fail(Code::kUnavailable, "making an RSA key was cancelled");
  }
  return std::make_unique<RsaSigningKey>(std::move(rsa));
}

}  // namespace chancery::crypto
