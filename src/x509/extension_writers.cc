#include "x509/extensions.h"
#include "x509/named_bits.h"
#include "x509/oids.h"

// Encoding of extensions.
namespace chancery::x509 {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Writer;

template <class Body>
void write(Writer& out, const asn1::Oid& id, Criticality critical, Body&& body) {
  out.sequence([&] {
    out.oid(id.der());
    if (critical == Criticality::kCritical) out.boolean(true);
    out.nest(asn1::kOctetString, std::forward<Body>(body));
  });
}

void write_uri(Writer& out, std::string_view uri) {
  out.element(context(static_cast<unsigned>(GeneralName::Kind::kUri)), uri);
}

void write_access(Writer& out, const asn1::Oid& method, std::string_view uri) {
  out.sequence([&] {
    out.oid(method.der());
    write_uri(out, uri);
  });
}

void write_policy_qualifiers(Writer& out, const PolicyInformation& policy) {
  for (const std::string& uri : policy.cps_uris) {
    out.sequence([&] {
      out.oid(oids::kCpsQualifier.der());
      out.element(asn1::kIa5String, std::string_view(uri));
    });
  }
  for (const std::string& text : policy.user_notices) {
    out.sequence([&] {
      out.oid(oids::kUserNoticeQualifier.der());
      out.sequence([&] {
        if (!text.empty()) out.element(asn1::kUtf8String, std::string_view(text));
      });
    });
  }
}

void write_policy(Writer& out, const PolicyInformation& policy) {
  out.sequence([&] {
    out.oid(policy.id.der());
    if (policy.cps_uris.empty() && policy.user_notices.empty()) return;
    out.sequence([&] { write_policy_qualifiers(out, policy); });
  });
}

void write_subtrees(Writer& out, unsigned number, std::span<const GeneralName> names) {
  if (names.empty()) return;
  out.nest(context_constructed(number), [&] {
    for (const GeneralName& name : names) {
      out.sequence([&] { name.write(out); });
    }
  });
}

}  // namespace

void write_extension(Writer& out, const Extension& extension) {
  write(out, extension.id, extension.critical ? Criticality::kCritical : Criticality::kNonCritical,
        [&] { out.raw(extension.value); });
}

void write_key_usage(Writer& out, KeyUsage usage) {
  write(out, oids::kKeyUsage, Criticality::kCritical, [&] { write_named_bits(out, usage.bits()); });
}

void write_extended_key_usage(Writer& out, std::span<const asn1::Oid> purposes,
                              Criticality critical) {
  write(out, oids::kExtendedKeyUsage, critical, [&] {
    out.sequence([&] {
      for (const asn1::Oid& purpose : purposes) out.oid(purpose.der());
    });
  });
}

void write_basic_constraints(Writer& out, const BasicConstraints& constraints,
                             Criticality critical) {
  write(out, oids::kBasicConstraints, critical, [&] {
    out.sequence([&] {
      if (constraints.ca) out.boolean(true);
      if (constraints.path_length) out.integer(*constraints.path_length);
    });
  });
}

void write_subject_key_id(Writer& out, BytesView key_id) {
  write(out, oids::kSubjectKeyIdentifier, Criticality::kNonCritical,
        [&] { out.octet_string(key_id); });
}

void write_authority_key_id(Writer& out, BytesView key_id) {
  write(out, oids::kAuthorityKeyIdentifier, Criticality::kNonCritical,
        [&] { out.sequence([&] { out.element(context(0), key_id); }); });
}

void write_subject_alt_name(Writer& out, std::span<const GeneralName> names, Criticality critical) {
  write(out, oids::kSubjectAltName, critical, [&] { write_general_names(out, names); });
}

void write_authority_info_access(Writer& out, std::span<const std::string> ocsp_urls,
                                 std::span<const std::string> ca_issuer_urls) {
  write(out, oids::kAuthorityInfoAccess, Criticality::kNonCritical, [&] {
    out.sequence([&] {
      for (const std::string& url : ocsp_urls) write_access(out, oids::kOcsp, url);
      for (const std::string& url : ca_issuer_urls) write_access(out, oids::kCaIssuers, url);
    });
  });
}

namespace {

void write_points(Writer& out, const asn1::Oid& id, std::span<const std::string> urls) {
  write(out, id, Criticality::kNonCritical, [&] {
    out.sequence([&] {
      for (const std::string& url : urls) {
        out.sequence([&] {
          out.nest(context_constructed(0),
                   [&] { out.nest(context_constructed(0), [&] { write_uri(out, url); }); });
        });
      }
    });
  });
}

}  // namespace

void write_crl_distribution_points(Writer& out, std::span<const std::string> urls) {
  write_points(out, oids::kCrlDistributionPoints, urls);
}

void write_freshest_crl(Writer& out, std::span<const std::string> urls) {
  write_points(out, oids::kFreshestCrl, urls);
}

void write_certificate_policies(Writer& out, std::span<const PolicyInformation> policies) {
  write(out, oids::kCertificatePolicies, Criticality::kNonCritical, [&] {
    out.sequence([&] {
      for (const PolicyInformation& policy : policies) write_policy(out, policy);
    });
  });
}

void write_name_constraints(Writer& out, const NameConstraints& constraints, Criticality critical) {
  write(out, oids::kNameConstraints, critical, [&] {
    out.sequence([&] {
      write_subtrees(out, 0, constraints.permitted);
      write_subtrees(out, 1, constraints.excluded);
    });
  });
}

void write_policy_mappings(Writer& out, std::span<const PolicyMapping> mappings) {
  write(out, oids::kPolicyMappings, Criticality::kCritical, [&] {
    out.sequence([&] {
      for (const PolicyMapping& mapping : mappings) {
        out.sequence([&] {
          out.oid(mapping.issuer.der());
          out.oid(mapping.subject.der());
        });
      }
    });
  });
}

void write_policy_constraints(Writer& out, const PolicyConstraints& constraints) {
  write(out, oids::kPolicyConstraints, Criticality::kCritical, [&] {
    out.sequence([&] {
      if (constraints.require_explicit_policy)
        out.integer(*constraints.require_explicit_policy, context(0));
      if (constraints.inhibit_policy_mapping)
        out.integer(*constraints.inhibit_policy_mapping, context(1));
    });
  });
}

void write_inhibit_any_policy(Writer& out, std::uint32_t skip_certificates) {
  write(out, oids::kInhibitAnyPolicy, Criticality::kCritical,
        [&] { out.integer(skip_certificates); });
}

void write_tls_features(Writer& out, std::span<const std::uint16_t> features) {
  write(out, oids::kTlsFeature, Criticality::kNonCritical, [&] {
    out.sequence([&] {
      for (const std::uint16_t feature : features) out.integer(feature);
    });
  });
}

void write_no_revocation_available(Writer& out) {
  write(out, oids::kNoRevocationAvailable, Criticality::kNonCritical, [&] { out.null(); });
}

void write_crl_number(Writer& out, BytesView number) {
  write(out, oids::kCrlNumber, Criticality::kNonCritical, [&] { out.unsigned_integer(number); });
}

void write_reason_code(Writer& out, ReasonCode reason) {
  write(out, oids::kReasonCode, Criticality::kNonCritical,
        [&] { out.integer(static_cast<std::int64_t>(reason), asn1::kEnumerated); });
}

void write_invalidity_date(Writer& out, TimePoint since) {
  write(out, oids::kInvalidityDate, Criticality::kNonCritical,
        [&] { out.generalized_time(since); });
}

}  // namespace chancery::x509
