#include "x509/verify.h"

namespace chancery::x509 {

Result<void> verify_signed_by(const Certificate& child, const Certificate& issuer) {
  if (!matches(child.issuer(), issuer.subject())) {
    return std::unexpected(
        Error{Code::kRefused, "issuer name differs from the issuer's subject", {}, {}}
            .with("issuer", child.issuer().to_string())
            .with("subject", issuer.subject().to_string()));
  }
  if (issuer.version() == 3 && !issuer.is_ca())
    return fail(Code::kRefused, "issuer is not a certification authority");
  const auto usage = issuer.key_usage();
  if (usage && !usage->has(KeyUsageBit::kKeyCertSign)) {
    return fail(Code::kRefused, "issuer's key usage does not allow signing certificates");
  }
  const crypto::SignatureScheme scheme = TRY(child.signature_scheme());
  const crypto::PublicKey key = TRY(issuer.public_key());
  return key.verify(scheme, child.tbs(), child.signature());
}

}  // namespace chancery::x509
