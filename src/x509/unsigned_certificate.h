#pragma once

#include <memory>

#include "base/bytes.h"
#include "crypto/algorithm.h"
#include "x509/certificate.h"
#include "x509/tbs_certificate.h"

namespace chancery::x509 {

// UnsignedCertificate is a certificate on its way to the signer: the exact TBSCertificate, parsed
// once for the lints and for the certificate that comes out. Not thread-safe.
class UnsignedCertificate {
 public:
  // parse takes what encode_tbs wrote. Errors: those of Certificate::parse.
  [[nodiscard]] static Result<UnsignedCertificate> parse(Bytes tbs);

  // tbs is what gets signed.
  [[nodiscard]] BytesView tbs() const;
  [[nodiscard]] const TbsCertificate& fields() const;
  // finish adds the signature, which is not verified; nothing else is left in this object.
  // Errors: kInvalidArgument when the scheme is not the one inside the TBS.
  [[nodiscard]] Result<Certificate> finish(crypto::SignatureScheme scheme, BytesView signature) &&;

 private:
  explicit UnsignedCertificate(std::shared_ptr<Certificate::State> state)
      : state_(std::move(state)) {}
  std::shared_ptr<Certificate::State> state_;
};

}  // namespace chancery::x509
