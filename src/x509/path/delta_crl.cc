#include "x509/path/delta_crl.h"

#include <algorithm>

#include "x509/oids.h"

namespace chancery::x509::path {
namespace {

std::optional<BytesView> value_of(const CertificateList& crl, const asn1::Oid& id) {
  const auto found = std::ranges::find(crl.extensions(), id, &Extension::id);
  return found == crl.extensions().end() ? std::nullopt : std::optional(found->value);
}

bool is_same(const std::optional<BytesView>& a, const std::optional<BytesView>& b) {
  return a.has_value() == b.has_value() && (!a || equal(*a, *b));
}

BytesView magnitude(BytesView content) {
  while (!content.empty() && content.front() == 0) content = content.subspan(1);
  return content;
}

}  // namespace

bool is_less(BytesView a, BytesView b) {
  a = magnitude(a);
  b = magnitude(b);
  return a.size() != b.size() ? a.size() < b.size() : std::ranges::lexicographical_compare(a, b);
}

bool is_delta_to(const CertificateList& delta, const CertificateList& complete) {
  const auto indicator = value_of(delta, oids::kDeltaCrlIndicator);
  if (!indicator || !delta.number() || !complete.number()) return false;
  const auto base = read_crl_number(*indicator);
  return base && matches(delta.issuer(), complete.issuer()) &&
         is_same(delta.authority_key_id(), complete.authority_key_id()) &&
         is_same(value_of(delta, oids::kIssuingDistributionPoint),
                 value_of(complete, oids::kIssuingDistributionPoint)) &&
         !is_less(*complete.number(), *base) && is_less(*complete.number(), *delta.number());
}

}  // namespace chancery::x509::path
