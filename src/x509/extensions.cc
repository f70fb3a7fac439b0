#include "x509/extensions.h"

#include <algorithm>

#include "x509/oids.h"

// The list of extensions. Their values are read in extension_values.cc and written in
// extension_writers.cc.
namespace chancery::x509 {
namespace {

Error with_oid(Error error, const asn1::Oid& id) {
  return std::move(error).with("extension", id.to_string());
}

template <class T, class Read>
Result<void> store(std::optional<T>& out, Read read, BytesView value) {
  out = TRY(read(value));
  return {};
}

Result<void> read_value(ExtensionSet& set, const Extension& extension) {
  const BytesView value = extension.value;
  const asn1::Oid& id = extension.id;
  if (id == oids::kKeyUsage) return store(set.key_usage, read_key_usage, value);
  if (id == oids::kExtendedKeyUsage)
    return store(set.extended_key_usage, read_extended_key_usage, value);
  if (id == oids::kBasicConstraints)
    return store(set.basic_constraints, read_basic_constraints, value);
  if (id == oids::kSubjectKeyIdentifier)
    return store(set.subject_key_id, read_subject_key_id, value);
  if (id == oids::kAuthorityKeyIdentifier)
    return store(set.authority_key_id, read_authority_key_id, value);
  if (id == oids::kSubjectAltName) return store(set.subject_alt_name, read_subject_alt_name, value);
  if (id == oids::kAuthorityInfoAccess)
    return store(set.authority_info_access, read_authority_info_access, value);
  if (id == oids::kCrlDistributionPoints)
    return store(set.crl_distribution_points, read_crl_distribution_points, value);
  if (id == oids::kCertificatePolicies)
    return store(set.certificate_policies, read_certificate_policies, value);
  if (id == oids::kNameConstraints)
    return store(set.name_constraints, read_name_constraints, value);
  if (id == oids::kPolicyMappings) return store(set.policy_mappings, read_policy_mappings, value);
  if (id == oids::kPolicyConstraints)
    return store(set.policy_constraints, read_policy_constraints, value);
  if (id == oids::kInhibitAnyPolicy)
    return store(set.inhibit_any_policy, read_inhibit_any_policy, value);
  if (id == oids::kTlsFeature) return store(set.tls_features, read_tls_features, value);
  if (id == oids::kNoRevocationAvailable) {
    set.no_revocation_available = true;
    return read_no_revocation_available(value);
  }
  return {};
}

}  // namespace

Result<Extension> read_extension(asn1::Reader& list) {
  asn1::Reader in = TRY(list.enter_sequence());
  const BytesView id = TRY(in.read_oid());
  Extension extension{TRY(asn1::Oid::from_der(id)), false, {}};
  if (in.next_is(asn1::kBoolean)) {
    const asn1::Reader at = in;
    extension.critical = TRY(in.read_boolean());
    if (!extension.critical) return at.error("extension writes out its default, critical FALSE");
  }
  extension.value = TRY(in.read_octet_string());
  TRY(in.finish());
  return extension;
}

const Extension* ExtensionSet::find(const asn1::Oid& id) const {
  const auto found = std::ranges::find(all, id, &Extension::id);
  return found == all.end() ? nullptr : &*found;
}

bool ExtensionSet::must_staple() const {
  return tls_features && std::ranges::find(*tls_features, kTlsStatusRequest) != tls_features->end();
}

Result<std::vector<Extension>> read_extension_list(asn1::Reader& in) {
  asn1::Reader list = TRY(in.enter_sequence());
  if (list.empty()) return list.error("list of extensions is empty");
  std::vector<Extension> out;
  out.reserve(12);
  while (!list.empty()) {
    if (out.size() == kMaxExtensions) return list.error("more than 64 extensions", Code::kTooLarge);
    const Extension extension = TRY(read_extension(list));
    if (std::ranges::find(out, extension.id, &Extension::id) != out.end()) {
      return std::unexpected(
          with_oid({Code::kMalformed, "extension appears twice", {}, {}}, extension.id));
    }
    out.push_back(extension);
  }
  return out;
}

Result<ExtensionSet> read_extensions(asn1::Reader& in) {
  ExtensionSet set;
  set.all = TRY(read_extension_list(in));
  for (const Extension& extension : set.all) {
    auto read = read_value(set, extension);
    if (!read) return std::unexpected(with_oid(std::move(read).error(), extension.id));
  }
  return set;
}

}  // namespace chancery::x509
