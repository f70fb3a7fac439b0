#pragma once

#include <string>
#include <utility>

#include "access/principal.h"
#include "policy/content.h"
#include "x509/certificate.h"

namespace chancery::policy {

struct CompiledProfile;
struct Decision;
struct AuthorityRequest;
struct CaRequest;
struct IssueRequest;
struct IssuerFacts;
struct Limits;
struct Role;

// Authorization is the only thing ca::Authority issues for: proof that a principal may have exactly
// this content. It holds the plan's input itself, so nothing can change between the decision and
// the signature. Move-only; only this folder makes one.
class [[nodiscard]] Authorization {
 public:
  Authorization(Authorization&&) noexcept = default;
  Authorization& operator=(Authorization&&) noexcept = default;
  Authorization(const Authorization&) = delete;
  Authorization& operator=(const Authorization&) = delete;

  [[nodiscard]] const CertificateContent& content() const { return content_; }
  [[nodiscard]] const std::string& actor() const { return grant_.actor(); }
  [[nodiscard]] const record::Scope& scope() const { return grant_.scope(); }

 private:
  friend Result<Decision> evaluate(access::Grant, const CompiledProfile&, const IssueRequest&,
                                   const IssuerFacts&, TimePoint);
  friend Result<Authorization> authorize_ca(access::Grant, const CaRequest&, const IssuerFacts*,
                                            TimePoint);
  friend Result<Decision> authorize_root(access::Grant, const AuthorityRequest&, const Limits&,
                                         TimePoint);
  friend Result<Decision> authorize_intermediate(access::Grant, const AuthorityRequest&,
                                                 const IssuerFacts&, TimePoint);
  friend Result<Decision> authorize_verbatim(access::Grant, const Role&, const IssueRequest&,
                                             const IssuerFacts&, TimePoint);
  friend Result<Decision> authorize_self_issued(access::Grant, const x509::Certificate&,
                                                const IssuerFacts&, TimePoint);
  Authorization(access::Grant grant, CertificateContent content)
      : grant_(std::move(grant)), content_(std::move(content)) {}

  access::Grant grant_;
  CertificateContent content_;
};

}  // namespace chancery::policy
