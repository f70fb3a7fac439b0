#pragma once

#include "policy/evaluate.h"
#include "policy/names.h"

// The decision about a certificate's content, for what makes an Authorization of it. Internal to
// this folder.
namespace chancery::policy {

// decide judges a request under a profile or role, in Vault's order of checks. Errors: those of
// evaluate.
[[nodiscard]] Result<CertificateContent> decide(const CompiledProfile& profile,
                                                const IssueRequest& request,
                                                const IssuerFacts& issuer, TimePoint now,
                                                Warnings& warnings);

// check_named refuses a certificate for nobody: neither subject nor names. Errors:
// kInvalidArgument.
[[nodiscard]] Result<void> check_named(const CertificateContent& content);

// warn_of_csr tells which fields of the API a CSR made meaningless, and what of it was left out.
void warn_of_csr(const CompiledProfile& profile, const IssueRequest& request, Warnings& warnings);

}  // namespace chancery::policy
