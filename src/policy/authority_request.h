#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/evaluate.h"
#include "policy/explain.h"
#include "x509/certificate.h"

namespace chancery::policy {

// AuthorityRequest is what an operator asks for a CA certificate, or for the request for one, in
// the words of the Vault API: any names, no role.
struct AuthorityRequest {
  IssueRequest content;
  std::vector<std::string> ou;
  std::vector<std::string> organization;
  std::vector<std::string> country;
  std::vector<std::string> locality;
  std::vector<std::string> province;
  std::vector<std::string> street_address;
  std::vector<std::string> postal_code;

  std::int64_t max_path_length = -1;  // -1: one less than the issuer's, or no limit
  std::vector<std::string> permitted_dns_domains;
  std::vector<std::string> excluded_dns_domains;
  std::vector<std::string> permitted_ip_ranges;  // CIDR
  std::vector<std::string> excluded_ip_ranges;
  std::vector<std::string> permitted_email_addresses;
  std::vector<std::string> excluded_email_addresses;
  std::vector<std::string> permitted_uri_domains;
  std::vector<std::string> excluded_uri_domains;

  std::vector<std::string> key_usage;  // besides CertSign and CRLSign
  std::vector<std::string> ext_key_usage;
  std::vector<std::string> ext_key_usage_oids;
  seconds not_before_duration{30};
  unsigned signature_bits = 0;
  bool use_pss = false;
  bool use_csr_values = false;  // subject, names and extensions are the CSR's
  Bytes subject_key_id;         // empty: computed from the key
};

// authorize_root decides a self-signed CA certificate for `content.generated_key`. Errors:
// kRefused, kInvalidArgument, as of evaluate.
[[nodiscard]] Result<Decision> authorize_root(access::Grant grant, const AuthorityRequest& request,
                                              const Limits& limits, TimePoint now);

// authorize_intermediate decides a CA certificate for `content.csr`. One that would outlive its
// issuer ends with it, with a warning. Errors: as above.
[[nodiscard]] Result<Decision> authorize_intermediate(access::Grant grant,
                                                      const AuthorityRequest& request,
                                                      const IssuerFacts& issuer, TimePoint now);

// requested_content is what a certificate request for an authority to come says: subject and names.
// Nothing is authorised. Errors: as above.
[[nodiscard]] Result<CertificateContent> requested_content(const AuthorityRequest& request,
                                                           const Limits& limits, TimePoint now,
                                                           std::vector<std::string>& warnings);

// authorize_verbatim decides a certificate with the subject, names and extensions of `request.csr`;
// the role gives times, and usages where the CSR has none. Its constraints of a CA are left out.
// Errors: as above.
[[nodiscard]] Result<Decision> authorize_verbatim(access::Grant grant, const Role& role,
                                                  const IssueRequest& request,
                                                  const IssuerFacts& issuer, TimePoint now);

// explain_intermediate and explain_verbatim judge as authorize_intermediate and authorize_verbatim
// do, but ask every rule, beyond the first refusal too. Nothing can be issued with what they give.
// Pure, no clock.
[[nodiscard]] Explanation explain_intermediate(const access::Grant& grant,
                                               const AuthorityRequest& request,
                                               const IssuerFacts& issuer, TimePoint now);
[[nodiscard]] Explanation explain_verbatim(const Role& role, const IssueRequest& request,
                                           const IssuerFacts& issuer, TimePoint now);

// check_self_issued wants a CA certificate that names itself as its issuer. Errors: kRefused.
[[nodiscard]] Result<void> check_self_issued(const x509::Certificate& certificate);

// authorize_self_issued decides a copy of a self-issued CA certificate under another issuer, which
// joins two hierarchies. Errors: kRefused, kInvalidArgument.
[[nodiscard]] Result<Decision> authorize_self_issued(access::Grant grant,
                                                     const x509::Certificate& certificate,
                                                     const IssuerFacts& issuer, TimePoint now);

// authority_key_type resolves "rsa", "ec", "ed25519", "mldsa" and a size, 0 for the type's own.
// Errors: kInvalidArgument in Vault's words.
[[nodiscard]] Result<crypto::KeyType> authority_key_type(std::string_view type, std::int64_t bits);

}  // namespace chancery::policy
