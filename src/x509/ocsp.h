#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/algorithm.h"
#include "crypto/digest.h"
#include "crypto/public_key.h"
#include "x509/certificate.h"
#include "x509/extensions.h"

namespace chancery::x509 {

inline constexpr std::size_t kMaxOcspRequestSize = 64 * 1024;
inline constexpr std::size_t kMaxOcspResponseSize = 1024 * 1024;
inline constexpr std::size_t kMaxOcspNonceSize = 128;  // RFC 9654

// CertId names a certificate by its issuer and serial (RFC 6960 section 4.1.1); the views look into
// the message it was read from.
struct CertId {
  std::optional<crypto::DigestAlgorithm> hash;  // kSha1 or kSha256; nothing for any other
  BytesView issuer_name_hash;
  BytesView issuer_key_hash;
  BytesView serial;  // content octets
  BytesView der;     // the whole CertID: to be echoed
};

// IssuerHashes are what CertIDs of one issuer hold: digests of its subject Name's DER and of its
// key bits.
struct IssuerHashes {
  crypto::Sha1 name_sha1{};
  crypto::Sha1 key_sha1{};
  crypto::Sha256 name_sha256{};
  crypto::Sha256 key_sha256{};

  [[nodiscard]] bool matches(const CertId& id) const;
};
[[nodiscard]] IssuerHashes issuer_hashes(const Name& subject, const crypto::PublicKey& key);

// OcspRequest holds views of the bytes that were parsed; the caller keeps those.
struct OcspRequest {
  std::vector<CertId> cert_ids;
  std::optional<BytesView> nonce;  // 1..kMaxOcspNonceSize octets

  // parse reads one DER OCSPRequest. A signature is passed over unchecked: no answer here depends
  // on who asks. Unknown extensions are ignored unless critical. Errors: kMalformed, kTooLarge
  // (over 64 KiB or more than `max_ids` certificates), kUnsupported.
  [[nodiscard]] static Result<OcspRequest> parse(BytesView der, std::size_t max_ids = 8);
};

// encode_cert_id writes a CertID; encode_ocsp_request a request for such elements, with a nonce if
// not empty.
[[nodiscard]] Bytes encode_cert_id(crypto::DigestAlgorithm hash, const Name& issuer,
                                   const crypto::PublicKey& issuer_key, BytesView serial);
[[nodiscard]] Bytes encode_ocsp_request(std::span<const Bytes> cert_ids, BytesView nonce);

// The numbers are those of RFC 6960 section 4.2.1.
enum class OcspStatus : std::uint8_t {
  kSuccessful = 0,
  kMalformedRequest = 1,
  kInternalError = 2,
  kTryLater = 3,
  kSigRequired = 5,
  kUnauthorized = 6,
};
[[nodiscard]] std::string_view name(OcspStatus status);

// ocsp_error is the whole response for a status other than kSuccessful; static memory.
[[nodiscard]] BytesView ocsp_error(OcspStatus status);

enum class CertStatus : std::uint8_t { kGood, kRevoked, kUnknown };

struct SingleResponse {
  BytesView cert_id;  // the whole CertID, echoed from the request
  CertStatus status = CertStatus::kUnknown;
  TimePoint revoked_at;              // for kRevoked
  std::optional<ReasonCode> reason;  // for kRevoked
  TimePoint this_update;
  std::optional<TimePoint> next_update;
};

struct ResponseFields {
  BytesView responder_key_sha1;  // 20 octets: byKey
  TimePoint produced_at;
  std::span<const SingleResponse> responses;
  BytesView nonce;               // echoed; left out when empty
  bool extended_revoke = false;  // RFC 6960 section 4.4.8
};

// encode_response_data writes the ResponseData that gets signed; assemble_ocsp_response the whole,
// successful OCSPResponse, with the responder's certificates (DER) if it needs any.
[[nodiscard]] Bytes encode_response_data(const ResponseFields& fields);
[[nodiscard]] Bytes assemble_ocsp_response(BytesView response_data, crypto::SignatureScheme scheme,
                                           BytesView signature,
                                           std::span<const BytesView> certificates = {});

// OcspResponse is a parsed response; for a status other than kSuccessful everything else is empty.
// Owns its DER; movable, not copyable: its views look into it.
class OcspResponse {
 public:
  // parse errors: kMalformed, kTooLarge, kUnsupported (a response type other than basic, an unknown
  // critical extension).
  [[nodiscard]] static Result<OcspResponse> parse(Bytes der);
  OcspResponse(OcspResponse&&) noexcept = default;
  OcspResponse& operator=(OcspResponse&&) noexcept = default;

  struct Entry {
    CertId id;
    CertStatus status = CertStatus::kUnknown;
    TimePoint revoked_at;
    std::optional<ReasonCode> reason;
    TimePoint this_update;
    std::optional<TimePoint> next_update;
  };

  OcspStatus status = OcspStatus::kSuccessful;
  BytesView response_data;
  std::optional<Name> responder_name;
  std::optional<BytesView> responder_key_sha1;
  TimePoint produced_at;
  std::vector<Entry> entries;
  std::optional<BytesView> nonce;
  BytesView signature_algorithm;
  BytesView signature;
  std::vector<BytesView> certificates;

  // verify_signature errors: kRefused (does not verify), kUnsupported, kInvalidArgument.
  [[nodiscard]] Result<void> verify_signature(const crypto::PublicKey& responder_key) const;

 private:
  OcspResponse() = default;
  Bytes der_;
};

}  // namespace chancery::x509
