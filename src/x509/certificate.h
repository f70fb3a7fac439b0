#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/algorithm.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "x509/extensions.h"
#include "x509/name.h"

namespace chancery::x509 {

inline constexpr std::size_t kMaxCertificateSize = 256 * 1024;
inline constexpr std::size_t kMaxSerialSize = 20;

// Certificate is a parsed X.509 certificate (RFC 5280 section 4.1): structure and known extensions
// are checked, the signature and the key are not. Immutable, cheap to copy, thread-safe; all views
// live as long as any copy.
class Certificate {
 public:
  // parse reads one DER certificate without anything behind it. It refuses serial numbers that are
  // zero, negative or over 20 octets, inner and outer algorithms that differ, extensions outside
  // version 3, times in the wrong form and everything read_extensions refuses. Keys and algorithms
  // that this program does not support pass, and so does a validity that ends before it begins.
  // Errors: kMalformed, kTooLarge; Error::where names the field.
  [[nodiscard]] static Result<Certificate> parse(Bytes der);
  [[nodiscard]] static Result<Certificate> parse(BytesView der);
  // from_pem reads a text with exactly one CERTIFICATE block; all_from_pem one with 1..64 of them.
  [[nodiscard]] static Result<Certificate> from_pem(std::string_view text);
  [[nodiscard]] static Result<std::vector<Certificate>> all_from_pem(std::string_view text);

  [[nodiscard]] BytesView der() const;
  [[nodiscard]] std::string to_pem() const;
  // tbs is the TBSCertificate with its header: what the signature covers.
  [[nodiscard]] BytesView tbs() const;
  [[nodiscard]] int version() const;  // 1, 2 or 3
  // serial is the INTEGER's content octets: 1..20, positive, with the leading zero octet if there
  // is one.
  [[nodiscard]] BytesView serial() const;
  [[nodiscard]] const Name& issuer() const;
  [[nodiscard]] const Name& subject() const;
  [[nodiscard]] TimePoint not_before() const;
  [[nodiscard]] TimePoint not_after() const;
  [[nodiscard]] BytesView spki() const;
  // public_key parses spki(). Errors: those of crypto::PublicKey::from_spki.
  [[nodiscard]] Result<crypto::PublicKey> public_key() const;
  // signature_algorithm is the whole AlgorithmIdentifier. signature_scheme errors: kUnsupported,
  // kMalformed.
  [[nodiscard]] BytesView signature_algorithm() const;
  [[nodiscard]] Result<crypto::SignatureScheme> signature_scheme() const;
  [[nodiscard]] BytesView signature() const;

  [[nodiscard]] const ExtensionSet& extensions() const;
  // subject_alt_names is empty when the extension is absent.
  [[nodiscard]] std::span<const GeneralName> subject_alt_names() const;
  [[nodiscard]] std::optional<KeyUsage> key_usage() const { return extensions().key_usage; }
  [[nodiscard]] std::optional<BytesView> subject_key_id() const {
    return extensions().subject_key_id;
  }
  // is_ca is true when basicConstraints says so.
  [[nodiscard]] bool is_ca() const;
  // is_self_issued compares the names only.
  [[nodiscard]] bool is_self_issued() const;

  [[nodiscard]] crypto::Sha256 fingerprint_sha256() const;

  friend bool operator==(const Certificate& a, const Certificate& b) {
    return equal(a.der(), b.der());
  }

 private:
  friend class UnsignedCertificate;
  struct State;
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// key_identifier is the SHA-1 of the subjectPublicKey bits (RFC 5280 section 4.2.1.2, method 1): an
// identifier, not a security property, and what Vault and OpenSSL write.
[[nodiscard]] crypto::Sha1 key_identifier(const crypto::PublicKey& key);

// read_serial reads a CertificateSerialNumber INTEGER as content octets. Errors: kMalformed for
// zero, negative and over-long numbers.
[[nodiscard]] Result<BytesView> read_serial(asn1::Reader& in);
// parse_serial reads hexadecimal text with or without colons or hyphens ("7f:01", "7F01") into
// content octets with a leading zero octet where DER needs one. Errors: kMalformed.
[[nodiscard]] Result<Bytes> parse_serial(std::string_view text);

}  // namespace chancery::x509
