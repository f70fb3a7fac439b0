#pragma once

#include "policy/evaluate.h"
#include "policy/names.h"
#include "policy/subject.h"
#include "policy/validity.h"

// The decision about a certificate's content, for what makes an Authorization of it. Internal to
// this folder.
namespace chancery::policy {

// decide judges a request under a profile or role, in Vault's order of checks. Errors: those of
// evaluate.
[[nodiscard]] Result<CertificateContent> decide(const CompiledProfile& profile,
                                                const IssueRequest& request,
                                                const IssuerFacts& issuer, TimePoint now,
                                                Warnings& warnings);

// What decide asks one after the other besides names.h, subject.h and validity.h.
[[nodiscard]] Result<void> check_user(const access::Grant& grant, const CompiledProfile& profile);
[[nodiscard]] Result<crypto::PublicKey> requested_key(const CompiledProfile& profile,
                                                      const IssueRequest& request);
[[nodiscard]] Result<void> check_listed_common_name(const CompiledProfile& profile,
                                                    const SubjectRequest& subject);
// common_name_as_host is the common name where it may be a host name under the profile, or "".
[[nodiscard]] std::string_view common_name_as_host(const CompiledProfile& profile,
                                                   const SubjectRequest& subject);
[[nodiscard]] Result<Validity> validity_of(const CompiledProfile& profile,
                                           const IssueRequest& request, const IssuerFacts& issuer,
                                           TimePoint now, Warnings& warnings);

// check_named refuses a certificate for nobody: neither subject nor names. Errors:
// kInvalidArgument.
[[nodiscard]] Result<void> check_named(const CertificateContent& content);

// warn_of_csr tells which fields of the API a CSR made meaningless, and what of it was left out.
void warn_of_csr(const CompiledProfile& profile, const IssueRequest& request, Warnings& warnings);

}  // namespace chancery::policy
