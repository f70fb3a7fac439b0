#include "x509/path/crl_scope.h"

#include <algorithm>

#include "asn1/reader.h"
#include "x509/oids.h"

namespace chancery::x509::path {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Reader;

Result<void> read_point(CrlScope& scope, Reader& in) {
  if (!in.next_is(context_constructed(0))) return {};
  Reader point = TRY(in.enter(context_constructed(0)));
  if (point.next_is(context_constructed(0))) {
    const Reader names = TRY(point.enter(context_constructed(0)));
    scope.names = TRY(read_general_names(names));
  } else {
    (void)TRY(point.read(context_constructed(1)));
    scope.relative_name = true;
  }
  return point.finish();
}

// BOOLEAN DEFAULT FALSE, implicitly tagged.
Result<bool> read_flag(Reader& in, unsigned number) {
  if (!in.next_is(context(number))) return false;
  const BytesView content = TRY(in.read(context(number)));
  if (content.size() != 1 || content[0] != 0xff) return in.error("flag is not TRUE");
  return true;
}

Result<std::uint16_t> read_reasons(Reader& in) {
  if (!in.next_is(context(3))) return kAllReasons;
  const asn1::BitString bits = TRY(in.read_bit_string(context(3)));
  if (bits.bytes.size() > 2) return in.error("list of reasons is too long");
  unsigned out = 0;
  for (unsigned n = 0; n < bits.bytes.size() * 8; ++n) {
    if ((bits.bytes[n / 8] & (0x80U >> (n % 8))) != 0) out |= 1U << n;
  }
  return static_cast<std::uint16_t>(out & kAllReasons);
}

Result<CrlScope> read_scope(BytesView value) {
  Reader outer(value);
  Reader in = TRY(outer.enter_sequence());
  TRY(outer.finish());
  CrlScope scope;
  TRY(read_point(scope, in));
  scope.only_users = TRY(read_flag(in, 1));
  scope.only_authorities = TRY(read_flag(in, 2));
  scope.reasons = TRY(read_reasons(in));
  scope.indirect = TRY(read_flag(in, 4));
  scope.only_attributes = TRY(read_flag(in, 5));
  TRY(in.finish());
  return scope;
}

bool names_point(const CrlScope& scope, const Certificate& certificate) {
  const auto& points = certificate.extensions().crl_distribution_points;
  if (!points) return false;
  return std::ranges::any_of(*points, [&](const DistributionPoint& point) {
    return std::ranges::any_of(point.full_name, [&](const GeneralName& name) {
      return std::ranges::find(scope.names, name) != scope.names.end();
    });
  });
}

}  // namespace

Result<CrlScope> read_crl_scope(const CertificateList& crl) {
  const auto found =
      std::ranges::find(crl.extensions(), oids::kIssuingDistributionPoint, &Extension::id);
  return found == crl.extensions().end() ? CrlScope() : read_scope(found->value);
}

bool covers(const CrlScope& scope, const Certificate& certificate) {
  if (scope.only_attributes || scope.relative_name) return false;
  if (scope.only_users && certificate.is_ca()) return false;
  if (scope.only_authorities && !certificate.is_ca()) return false;
  return scope.names.empty() || names_point(scope, certificate);
}

}  // namespace chancery::x509::path
