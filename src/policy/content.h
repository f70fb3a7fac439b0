#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asn1/oid.h"
#include "base/bytes.h"
#include "base/time.h"
#include "crypto/public_key.h"
#include "x509/extensions.h"
#include "x509/general_name.h"
#include "x509/lint/lint.h"
#include "x509/name.h"

namespace chancery::policy {

// ContentExtras is what all certificates of a profile have in common and those of a role lack.
struct ContentExtras {
  Bytes extensions;  // whole Extension elements, one behind the other
  bool extended_key_usage_critical = false;
  bool ocsp_urls = true;  // whether the issuer's URLs are written
  bool ca_issuer_urls = true;
  bool crl_urls = true;
  std::vector<x509::lint::Setting> lints;  // where they differ from the rules' own
};

// CertificateContent is everything a certificate will say that its issuer does not decide by
// itself: the input of ca's plan, with nothing left to choose. Value.
struct CertificateContent {
  std::string profile;  // the role or profile that allowed it: "web", "issuing-ca"
  x509::Name subject;
  std::vector<x509::GeneralName> names;
  std::optional<crypto::PublicKey> public_key;  // always set in an Authorization
  TimePoint not_before;
  TimePoint not_after;
  x509::KeyUsage key_usage;
  std::vector<asn1::Oid> extended_key_usage;
  std::optional<x509::BasicConstraints> basic_constraints;
  std::vector<x509::PolicyInformation> policies;
  std::optional<x509::NameConstraints> name_constraints;
  std::shared_ptr<const ContentExtras> extras;  // null: none
  // Preferred signature digest in bits (256, 384, 512) and padding for RSA issuers; 0: what the
  // issuer's key signs with by default.
  unsigned signature_bits = 0;
  bool use_pss = false;
  Bytes subject_key_id;   // empty: computed from the key
  bool no_store = false;  // drop the DER after issuance; the event with serial and hash stays
};

}  // namespace chancery::policy
