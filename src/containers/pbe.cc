#include "containers/pbe.h"

#include <array>
#include <limits>
#include <optional>
#include <string>

#include "asn1/oid.h"
#include "asn1/writer.h"
#include "crypto/password_based.h"

namespace chancery::containers {
namespace {

using asn1::Oid;
using asn1::Reader;
using crypto::CbcCipher;
using crypto::DigestAlgorithm;

constexpr Oid kPbes2("1.2.840.113549.1.5.13");
constexpr Oid kPbkdf2("1.2.840.113549.1.5.12");
constexpr Oid kPbmac1("1.2.840.113549.1.5.14");
constexpr Oid kHmacSha256("1.2.840.113549.2.9");
constexpr Oid kAes256Cbc("2.16.840.1.101.3.4.1.42");
constexpr Oid kPkcs12TripleDes("1.2.840.113549.1.12.1.3");
constexpr Oid kPkcs12Rc2Of128("1.2.840.113549.1.12.1.5");
constexpr Oid kPkcs12Rc2Of40("1.2.840.113549.1.12.1.6");

template <class T>
struct Named {
  Oid oid;
  T value;
};

constexpr Named<DigestAlgorithm> kPrfs[] = {{Oid("1.2.840.113549.2.7"), DigestAlgorithm::kSha1},
                                            {kHmacSha256, DigestAlgorithm::kSha256},
                                            {Oid("1.2.840.113549.2.10"), DigestAlgorithm::kSha384},
                                            {Oid("1.2.840.113549.2.11"), DigestAlgorithm::kSha512}};

constexpr Named<DigestAlgorithm> kDigests[] = {
    {Oid("1.3.14.3.2.26"), DigestAlgorithm::kSha1},
    {Oid("2.16.840.1.101.3.4.2.1"), DigestAlgorithm::kSha256},
    {Oid("2.16.840.1.101.3.4.2.2"), DigestAlgorithm::kSha384},
    {Oid("2.16.840.1.101.3.4.2.3"), DigestAlgorithm::kSha512}};

constexpr Named<CbcCipher> kCiphers[] = {{Oid("2.16.840.1.101.3.4.1.2"), CbcCipher::kAes128},
                                         {Oid("2.16.840.1.101.3.4.1.22"), CbcCipher::kAes192},
                                         {kAes256Cbc, CbcCipher::kAes256},
                                         {Oid("1.2.840.113549.3.7"), CbcCipher::kTripleDes}};

constexpr std::size_t kMaxSalt = 1024;
constexpr std::size_t kMaxDerived = 1024;

std::unexpected<Error> unsupported(std::string_view what, BytesView oid) {
  const auto known = Oid::from_der(oid);
  return fail(Code::kUnsupported,
              std::string(what) + " " + (known ? known->to_string() : "?") + " is not supported");
}

template <class T, std::size_t N>
Result<T> find(const Named<T> (&table)[N], std::string_view what, BytesView oid) {
  for (const Named<T>& each : table) {
    if (each.oid.is(oid)) return each.value;
  }
  return unsupported(what, oid);
}

// AlgorithmIdentifier whose parameters are NULL or absent.
template <class T, std::size_t N>
Result<T> read_plain(const Named<T> (&table)[N], std::string_view what, Reader& outer) {
  Reader in = TRY(outer.enter_sequence());
  const BytesView oid = TRY(in.read_oid());
  if (!in.empty()) TRY(in.read_null());
  TRY(in.finish());
  return find(table, what, oid);
}

Result<BytesView> read_salt(Reader& in) {
  const BytesView salt = TRY(in.read_octet_string());
  if (salt.size() > kMaxSalt) return in.error("salt is over 1024 bytes", Code::kTooLarge);
  return salt;
}

struct Pbkdf2 {
  BytesView salt;
  std::uint32_t iterations = 0;
  std::optional<std::size_t> length;
  DigestAlgorithm prf = DigestAlgorithm::kSha1;
};

Result<Pbkdf2> read_pbkdf2(Reader& outer, Budget& budget) {
  Reader function = TRY(outer.enter_sequence());
  const BytesView oid = TRY(function.read_oid());
  if (!kPbkdf2.is(oid)) return unsupported("key derivation", oid);
  Reader in = TRY(function.enter_sequence());
  TRY(function.finish());
  Pbkdf2 out;
  out.salt = TRY(read_salt(in));
  const std::int64_t iterations = TRY(in.read_int64());
  out.iterations = TRY(budget.spend(iterations));
  if (in.next_is(asn1::kInteger)) {
    const std::int64_t length = TRY(in.read_int64());
    if (length < 1 || length > static_cast<std::int64_t>(kMaxDerived))
      return in.error("length of the derived key is out of range");
    out.length = static_cast<std::size_t>(length);
  }
  if (!in.empty()) out.prf = TRY(read_plain(kPrfs, "pseudo-random function", in));
  TRY(in.finish());
  return out;
}

Result<SecretBytes> decrypt_pbes2(Reader& in, BytesView ciphertext, const Secrets& secrets,
                                  Budget& budget) {
  Reader parameters = TRY(in.enter_sequence());
  TRY(in.finish());
  const Pbkdf2 derivation = TRY(read_pbkdf2(parameters, budget));
  Reader scheme = TRY(parameters.enter_sequence());
  TRY(parameters.finish());
  const BytesView oid = TRY(scheme.read_oid());
  const CbcCipher cipher = TRY(find(kCiphers, "cipher", oid));
  const BytesView iv = TRY(scheme.read_octet_string());
  TRY(scheme.finish());
  if (iv.size() != crypto::block_size(cipher)) return scheme.error("IV has the wrong size");
  if (derivation.length && *derivation.length != crypto::key_size(cipher))
    return scheme.error("length of the derived key does not fit the cipher");
  const SecretBytes key = TRY(crypto::pbkdf2(derivation.prf, secrets.utf8, derivation.salt,
                                             derivation.iterations, crypto::key_size(cipher)));
  return crypto::cbc_decrypt(cipher, key.view(), iv, ciphertext);
}

Result<SecretBytes> decrypt_triple_des(Reader& in, BytesView ciphertext, const Secrets& secrets,
                                       Budget& budget) {
  Reader parameters = TRY(in.enter_sequence());
  TRY(in.finish());
  const BytesView salt = TRY(read_salt(parameters));
  const std::int64_t count = TRY(parameters.read_int64());
  TRY(parameters.finish());
  const std::uint32_t iterations = TRY(budget.spend(count));
  const auto derive = [&](crypto::Pkcs12Purpose purpose, std::size_t size) {
    return crypto::pkcs12_kdf(DigestAlgorithm::kSha1, purpose, secrets.utf16, salt, iterations,
                              size);
  };
  const SecretBytes key =
      TRY(derive(crypto::Pkcs12Purpose::kKey, crypto::key_size(CbcCipher::kTripleDes)));
  const SecretBytes iv =
      TRY(derive(crypto::Pkcs12Purpose::kIv, crypto::block_size(CbcCipher::kTripleDes)));
  return crypto::cbc_decrypt(CbcCipher::kTripleDes, key.view(), iv.view(), ciphertext);
}

void write_pbkdf2(asn1::Writer& w, BytesView salt, std::uint32_t iterations,
                  std::optional<std::size_t> length) {
  w.sequence([&] {
    w.oid(kPbkdf2.der());
    w.sequence([&] {
      w.octet_string(salt);
      w.integer(iterations);
      if (length) w.integer(static_cast<std::int64_t>(*length));
      w.sequence([&] {
        w.oid(kHmacSha256.der());
        w.null();
      });
    });
  });
}

constexpr std::size_t kMacKeySize = 32;

}  // namespace

Result<std::uint32_t> Budget::spend(std::int64_t iterations) {
  if (iterations < 1) return fail(Code::kMalformed, "iteration count is not positive");
  if (static_cast<std::uint64_t>(iterations) > left_ ||
      iterations > std::numeric_limits<std::int32_t>::max()) {
    return fail(Code::kTooLarge, "the file asks for more password iterations than are allowed (" +
                                     std::to_string(iterations) + ", " + std::to_string(left_) +
                                     " are left)");
  }
  left_ -= static_cast<std::uint64_t>(iterations);
  return static_cast<std::uint32_t>(iterations);
}

Result<SecretBytes> decrypt(BytesView algorithm, BytesView ciphertext, const Secrets& secrets,
                            Budget& budget) {
  Reader outer(algorithm);
  Reader in = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const BytesView oid = TRY(in.read_oid());
  if (kPbes2.is(oid)) return decrypt_pbes2(in, ciphertext, secrets, budget);
  if (kPkcs12TripleDes.is(oid)) return decrypt_triple_des(in, ciphertext, secrets, budget);
  if (kPkcs12Rc2Of40.is(oid) || kPkcs12Rc2Of128.is(oid)) {
    return fail(Code::kUnsupported,
                "the file is encrypted with RC2, which only OpenSSL's legacy provider has; convert "
                "it with: openssl pkcs12 -legacy -in OLD -nodes | openssl pkcs12 -export -out NEW");
  }
  return unsupported("encryption", oid);
}

Result<Encrypted> encrypt(BytesView plaintext, BytesView utf8_password, std::uint32_t iterations,
                          Random& random) {
  std::array<std::uint8_t, kSaltSize> salt{};
  std::array<std::uint8_t, 16> iv{};
  random.fill(salt);
  random.fill(iv);
  const SecretBytes key = TRY(crypto::pbkdf2(DigestAlgorithm::kSha256, utf8_password, salt,
                                             iterations, crypto::key_size(CbcCipher::kAes256)));
  asn1::Writer w(160);
  w.sequence([&] {
    w.oid(kPbes2.der());
    w.sequence([&] {
      write_pbkdf2(w, salt, iterations, std::nullopt);
      w.sequence([&] {
        w.oid(kAes256Cbc.der());
        w.octet_string(iv);
      });
    });
  });
  return Encrypted{std::move(w).take(),
                   TRY(crypto::cbc_encrypt(CbcCipher::kAes256, key.view(), iv, plaintext))};
}

bool is_pbmac1(BytesView algorithm) {
  Reader outer(algorithm);
  auto in = outer.enter_sequence();
  if (!in) return false;
  const auto oid = in->read_oid();
  return oid && kPbmac1.is(*oid);
}

Result<Bytes> pbmac1(BytesView algorithm, BytesView message, BytesView utf8_password,
                     Budget& budget) {
  Reader outer(algorithm);
  Reader in = TRY(outer.enter_sequence());
  (void)TRY(in.read_oid());
  Reader parameters = TRY(in.enter_sequence());
  TRY(in.finish());
  const Pbkdf2 derivation = TRY(read_pbkdf2(parameters, budget));
  const DigestAlgorithm hash = TRY(read_plain(kPrfs, "MAC", parameters));
  TRY(parameters.finish());
  // RFC 9579 section 5: the length is there; a key of less than 20 bytes is no key.
  if (!derivation.length || *derivation.length < 20)
    return parameters.error("PBMAC1 has no key length, or one under 20 bytes");
  const SecretBytes key = TRY(crypto::pbkdf2(derivation.prf, utf8_password, derivation.salt,
                                             derivation.iterations, *derivation.length));
  return crypto::hmac(hash, key.view(), message);
}

Bytes pbmac1_algorithm(BytesView salt, std::uint32_t iterations) {
  asn1::Writer w(128);
  w.sequence([&] {
    w.oid(kPbmac1.der());
    w.sequence([&] {
      write_pbkdf2(w, salt, iterations, kMacKeySize);
      w.sequence([&] {
        w.oid(kHmacSha256.der());
        w.null();
      });
    });
  });
  return std::move(w).take();
}

Result<DigestAlgorithm> read_digest(Reader& in) { return read_plain(kDigests, "digest", in); }

}  // namespace chancery::containers
