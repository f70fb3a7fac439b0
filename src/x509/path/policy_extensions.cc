#include "x509/path/policy_extensions.h"

#include "asn1/reader.h"
#include "x509/oids.h"

namespace chancery::x509::path {
namespace {

using asn1::Reader;

Result<asn1::Oid> read_oid(Reader& in) {
  const BytesView content = TRY(in.read_oid());
  return asn1::Oid::from_der(content);
}

Result<std::uint32_t> read_skip_certs(Reader& in, std::uint8_t tag) {
  const BytesView content = TRY(in.read_integer(tag));
  if ((content[0] & 0x80) != 0) return in.error("number of certificates is negative");
  std::uint32_t value = 0;
  for (const std::uint8_t byte : content) {
    value = value * 256 + byte;
    if (value > kMaxSkipCerts) return kMaxSkipCerts;
  }
  return value;
}

Result<std::vector<PolicyMapping>> read_mappings(BytesView value) {
  Reader outer(value);
  Reader list = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (list.empty()) return list.error("list of policy mappings is empty");
  std::vector<PolicyMapping> out;
  while (!list.empty()) {
    if (out.size() == kMaxExtensionItems)
      return list.error("more than 256 policy mappings", Code::kTooLarge);
    Reader in = TRY(list.enter_sequence());
    const asn1::Oid issuer = TRY(read_oid(in));
    const asn1::Oid subject = TRY(read_oid(in));
    TRY(in.finish());
    out.push_back({issuer, subject});
  }
  return out;
}

Result<void> read_constraints(PolicyExtensions& out, BytesView value) {
  Reader outer(value);
  Reader in = TRY(outer.enter_sequence());
  TRY(outer.finish());
  if (in.empty()) return in.error("policy constraints are empty");
  if (in.next_is(asn1::context(0)))
    out.require_explicit_policy = TRY(read_skip_certs(in, asn1::context(0)));
  if (in.next_is(asn1::context(1)))
    out.inhibit_policy_mapping = TRY(read_skip_certs(in, asn1::context(1)));
  return in.finish();
}

Result<std::uint32_t> read_inhibit_any(BytesView value) {
  Reader in(value);
  const std::uint32_t skip = TRY(read_skip_certs(in, asn1::kInteger));
  TRY(in.finish());
  return skip;
}

}  // namespace

Result<PolicyExtensions> read_policy_extensions(const ExtensionSet& extensions) {
  PolicyExtensions out;
  for (const Extension& extension : extensions.all) {
    if (extension.id == oids::kPolicyMappings) out.mappings = TRY(read_mappings(extension.value));
    if (extension.id == oids::kPolicyConstraints) TRY(read_constraints(out, extension.value));
    if (extension.id == oids::kInhibitAnyPolicy)
      out.inhibit_any_policy = TRY(read_inhibit_any(extension.value));
  }
  return out;
}

}  // namespace chancery::x509::path
