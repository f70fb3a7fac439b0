#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/authorization.h"
#include "policy/profile.h"
#include "x509/csr.h"

namespace chancery::policy {

// IssueRequest is what a client asks for under a role, in the words of the Vault API.
struct IssueRequest {
  std::string common_name;
  std::vector<std::string> alt_names;  // DNS names and e-mail addresses
  std::vector<std::string> ip_sans;
  std::vector<std::string> uri_sans;
  std::vector<std::string> other_sans;  // "<oid>;UTF8:<value>"
  std::string serial_number;            // the subject's serialNumber attribute
  std::vector<std::string> user_ids;
  std::optional<seconds> ttl;
  std::optional<TimePoint> not_before;
  std::optional<TimePoint> not_after;
  bool exclude_cn_from_sans = false;

  // Exactly one of these: the client's request, whose proof of possession must be verified before
  // evaluate is called; or the public key that the server made for the client.
  const x509::CertificationRequest* csr = nullptr;
  std::optional<crypto::PublicKey> generated_key;
};

// IssuerFacts is what a decision needs to know of the issuer.
struct IssuerFacts {
  std::string id;
  TimePoint not_after;
  Limits limits;
  bool truncates = false;  // what would outlive it ends with it, rather than being refused
  std::optional<std::uint32_t> path_length = std::nullopt;  // where it has one
  // Where it is known: backdating does not go behind it.
  std::optional<TimePoint> not_before = std::nullopt;
};

struct Decision {
  Authorization authorization;
  std::vector<std::string> warnings;  // for the client, in Vault's words
};

// evaluate decides a request under a profile, or a role that was compiled into one: in Vault's
// order of checks and with Vault's messages (../docs/protocols/vault.md). Pure, no clock. Errors:
// kRefused, kInvalidArgument or, for a profile's `users`, kPermissionDenied; the detail is the text
// for Vault clients and Error::where names "field" and "rule".
[[nodiscard]] Result<Decision> evaluate(access::Grant grant, const CompiledProfile& profile,
                                        const IssueRequest& request, const IssuerFacts& issuer,
                                        TimePoint now);
// The same for a role that is used once.
[[nodiscard]] Result<Decision> evaluate(access::Grant grant, const Role& role,
                                        const IssueRequest& request, const IssuerFacts& issuer,
                                        TimePoint now);

// generated_key_type says which key the server has to make for a client: a profile's first one
// unless the request names another of them; a role's ("any" roles take it from the request's
// key_type and key_bits). Errors: kInvalidArgument, kRefused.
[[nodiscard]] Result<crypto::KeyType> generated_key_type(const CompiledProfile& profile,
                                                         std::string_view requested_type,
                                                         unsigned requested_bits);

// CaRequest asks for a CA certificate: a hierarchy's root or an authority below it.
struct CaRequest {
  std::string profile;  // "root-ca" or "issuing-ca"
  x509::Name subject;
  std::optional<crypto::PublicKey> public_key;
  seconds lifetime{0};
  std::optional<std::uint32_t> path_length;
  std::optional<x509::NameConstraints> name_constraints;
};
// authorize_ca decides a CA certificate; `issuer` is null for a self-signed root. The lifetime
// never exceeds the issuer's. Errors: kRefused, kInvalidArgument.
[[nodiscard]] Result<Authorization> authorize_ca(access::Grant grant, const CaRequest& request,
                                                 const IssuerFacts* issuer, TimePoint now);

}  // namespace chancery::policy
