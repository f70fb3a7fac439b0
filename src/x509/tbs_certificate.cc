#include "x509/tbs_certificate.h"

#include <utility>

#include "x509/certificate.h"

namespace chancery::x509 {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Reader;

template <class T>
Result<T> in_field(Result<T> result, std::string_view field) {
  if (result) return result;
  return std::unexpected(std::move(result).error().with("field", field));
}

Result<int> read_version(Reader& in) {
  if (!in.next_is(context_constructed(0))) return 1;
  Reader wrapped = TRY(in.enter(context_constructed(0)));
  const std::int64_t version = TRY(wrapped.read_int64());
  TRY(wrapped.finish());
  if (version == 0) return wrapped.error("version writes out its default, v1");
  if (version != 1 && version != 2) return wrapped.error("version is none of 1, 2 and 3");
  return static_cast<int>(version) + 1;
}

Result<Name> read_name(Reader& in) {
  const BytesView whole = TRY(in.read_whole(asn1::kSequence));
  return Name::from_der(whole);
}

Result<void> read_validity(TbsCertificate& tbs, Reader& in) {
  Reader validity = TRY(in.enter_sequence());
  tbs.validity = validity.rest();
  tbs.not_before = TRY(validity.read_time());
  tbs.not_after = TRY(validity.read_time());
  return validity.finish();
}

// issuerUniqueID and subjectUniqueID: checked and passed over.
Result<void> skip_unique_ids(const TbsCertificate& tbs, Reader& in) {
  for (const unsigned number : {1U, 2U}) {
    if (!in.next_is(context(number))) continue;
    if (tbs.version == 1) return in.error("unique identifier in a version 1 certificate");
    (void)TRY(in.read_bit_string(context(number)));
  }
  return {};
}

Result<void> read_tbs_extensions(TbsCertificate& tbs, Reader& in) {
  if (!in.next_is(context_constructed(3))) return {};
  if (tbs.version != 3) return in.error("extensions in a certificate that is not version 3");
  Reader wrapped = TRY(in.enter(context_constructed(3)));
  tbs.extensions = TRY(read_extensions(wrapped));
  return wrapped.finish();
}

}  // namespace

Result<BytesView> read_serial(Reader& in) {
  Reader at = in;
  const BytesView serial = TRY(in.read_integer());
  if ((serial[0] & 0x80) != 0) return at.error("serial number is negative");
  if (serial.size() == 1 && serial[0] == 0) return at.error("serial number is zero");
  if (serial.size() > kMaxSerialSize) return at.error("serial number is over 20 octets");
  return serial;
}

Result<TbsCertificate> TbsCertificate::read(Reader& in) {
  TbsCertificate tbs;
  Reader peek = in;
  tbs.der = TRY(in_field(peek.read_whole(asn1::kSequence), "tbsCertificate"));
  Reader body = TRY(in.enter_sequence());
  tbs.version = TRY(in_field(read_version(body), "version"));
  tbs.serial = TRY(in_field(read_serial(body), "serialNumber"));
  tbs.signature_algorithm = TRY(in_field(body.read_whole(asn1::kSequence), "signature"));
  tbs.issuer = TRY(in_field(read_name(body), "issuer"));
  TRY(in_field(read_validity(tbs, body), "validity"));
  tbs.subject = TRY(in_field(read_name(body), "subject"));
  tbs.spki = TRY(in_field(body.read_whole(asn1::kSequence), "subjectPublicKeyInfo"));
  TRY(in_field(skip_unique_ids(tbs, body), "uniqueID"));
  TRY(in_field(read_tbs_extensions(tbs, body), "extensions"));
  TRY(in_field(body.finish(), "tbsCertificate"));
  return tbs;
}

Result<TbsCertificate> TbsCertificate::parse(BytesView der) {
  if (der.size() > kMaxCertificateSize) return fail(Code::kTooLarge, "certificate is over 256 KiB");
  Reader in(der);
  TbsCertificate tbs = TRY(read(in));
  TRY(in.finish());
  return tbs;
}

}  // namespace chancery::x509
