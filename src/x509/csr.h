#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/algorithm.h"
#include "crypto/public_key.h"
#include "x509/extensions.h"
#include "x509/name.h"

namespace chancery::x509 {

inline constexpr std::size_t kMaxRequestSize = 256 * 1024;
inline constexpr std::size_t kMaxRequestAttributes = 32;

// CertificationRequest is a parsed PKCS#10 request (RFC 2986). Immutable, cheap to copy,
// thread-safe; all views live as long as any copy.
class CertificationRequest {
 public:
  // parse reads one DER request without anything behind it; unknown attributes are passed over, an
  // attribute twice or two extension requests are refused. The signature is not checked: call
  // verify. Errors: kMalformed, kTooLarge, and those of crypto::PublicKey::from_spki.
  [[nodiscard]] static Result<CertificationRequest> parse(Bytes der);
  [[nodiscard]] static Result<CertificationRequest> parse(BytesView der);
  // from_pem takes the labels CERTIFICATE REQUEST and NEW CERTIFICATE REQUEST.
  [[nodiscard]] static Result<CertificationRequest> from_pem(std::string_view text);

  // verify_signature proves possession of the key. Errors: kRefused (does not verify),
  // kUnsupported, kInvalidArgument (the algorithm does not fit the key).
  [[nodiscard]] Result<void> verify_signature() const;

  [[nodiscard]] BytesView der() const;
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] BytesView info() const;  // the CertificationRequestInfo: what the signature covers
  [[nodiscard]] const Name& subject() const;
  [[nodiscard]] BytesView spki() const;
  [[nodiscard]] const crypto::PublicKey& public_key() const;
  [[nodiscard]] BytesView signature_algorithm() const;
  [[nodiscard]] BytesView signature() const;

  // extensions holds what the request asks for; empty when it has no extension request.
  [[nodiscard]] const ExtensionSet& extensions() const;
  [[nodiscard]] std::span<const GeneralName> subject_alt_names() const;
  // challenge_password is the attribute's value as one DER element (a DirectoryString).
  [[nodiscard]] std::optional<BytesView> challenge_password() const;

 private:
  struct State;
  explicit CertificationRequest(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// RequestFields are views of memory that the caller keeps.
struct RequestFields {
  BytesView subject;  // Name::der()
  BytesView spki;
  std::optional<KeyUsage> key_usage;
  std::span<const asn1::Oid> extended_key_usage;
  std::optional<BasicConstraints> basic_constraints;
  std::span<const GeneralName> subject_alt_names;
  std::span<const Extension> more;
  std::string_view challenge_password;  // PrintableString or UTF8String; left out when empty
};

// encode_request_info writes a CertificationRequestInfo; sign it, then assemble
// (certificate_builder.h). Errors: kInvalidArgument.
[[nodiscard]] Result<Bytes> encode_request_info(const RequestFields& fields);

}  // namespace chancery::x509
