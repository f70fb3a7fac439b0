#pragma once

#include <string>
#include <string_view>

#include "x509/tbs_certificate.h"

// What rules ask of a certificate. Internal to this folder; pure.
namespace chancery::x509::lint {

inline constexpr seconds kDay{86'400};

[[nodiscard]] inline bool is_ca(const TbsCertificate& tbs) {
  return tbs.extensions.basic_constraints && tbs.extensions.basic_constraints->ca;
}
// Where both names are empty, they say nothing of the issuer.
[[nodiscard]] inline bool is_self_issued(const TbsCertificate& tbs) {
  return !tbs.subject.empty() && tbs.issuer == tbs.subject;
}
[[nodiscard]] inline bool is_root(const TbsCertificate& tbs) {
  return is_ca(tbs) && is_self_issued(tbs);
}
[[nodiscard]] inline bool is_sub_ca(const TbsCertificate& tbs) {
  return is_ca(tbs) && !is_self_issued(tbs);
}
[[nodiscard]] bool has_purpose(const TbsCertificate& tbs, const asn1::Oid& purpose);
// is_tls_server: not a CA, and the purposes name TLS servers, any purpose, or there are none.
[[nodiscard]] bool is_tls_server(const TbsCertificate& tbs);
[[nodiscard]] bool has_policy(const TbsCertificate& tbs, const asn1::Oid& policy);

// has_scheme compares what stands before "://", without regard to case; false for names that are no
// URI.
[[nodiscard]] bool has_scheme(std::string_view uri, std::string_view scheme);
[[nodiscard]] bool has_scheme(const GeneralName& name, std::string_view scheme);
// is_host_name: labels of 1..63 letters, digits and inner hyphens.
[[nodiscard]] bool is_host_name(std::string_view text);

// characters counts those of UTF-8 text.
[[nodiscard]] std::size_t characters(std::string_view utf8);
[[nodiscard]] bool has_control_character(std::string_view utf8);

// attribute_name is the short name of an attribute type, or its OID.
[[nodiscard]] std::string attribute_name(const asn1::Oid& type);

// for_each_name calls visit(GeneralName) for the alternative names of one kind.
template <class Visit>
void for_each_name(const TbsCertificate& tbs, GeneralName::Kind kind, Visit&& visit) {
  if (!tbs.extensions.subject_alt_name) return;
  for (const GeneralName& name : *tbs.extensions.subject_alt_name) {
    if (name.kind() == kind) visit(name);
  }
}

// for_each_notice calls visit(text) for the user notices of the policies.
template <class Visit>
void for_each_notice(const TbsCertificate& tbs, Visit&& visit) {
  if (!tbs.extensions.certificate_policies) return;
  for (const PolicyInformation& policy : *tbs.extensions.certificate_policies) {
    for (const std::string& text : policy.user_notices) visit(std::string_view(text));
  }
}

}  // namespace chancery::x509::lint
