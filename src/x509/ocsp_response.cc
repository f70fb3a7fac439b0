#include <array>

#include "asn1/reader.h"
#include "x509/ocsp.h"
#include "x509/ocsp_parts.h"
#include "x509/oids.h"

// Parsing of OCSP responses; ocsp_builder.cc makes them.
namespace chancery::x509 {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Reader;

Result<OcspStatus> read_status(Reader& in) {
  const std::int64_t value = TRY(in.read_int64(asn1::kEnumerated));
  if (value < 0 || value > 6 || value == 4) return in.error("OCSP response has an unknown status");
  return static_cast<OcspStatus>(value);
}

Result<void> read_responder(OcspResponse& out, Reader& in) {
  if (in.next_is(context_constructed(1))) {
    Reader wrapped = TRY(in.enter(context_constructed(1)));
    const BytesView name = TRY(wrapped.read_whole(asn1::kSequence));
    out.responder_name = TRY(Name::from_der(name));
    return wrapped.finish();
  }
  Reader wrapped = TRY(in.enter(context_constructed(2)));
  out.responder_key_sha1 = TRY(wrapped.read_octet_string());
  return wrapped.finish();
}

Result<void> read_revoked_info(OcspResponse::Entry& entry, Reader& in) {
  Reader info = TRY(in.enter(context_constructed(1)));
  entry.status = CertStatus::kRevoked;
  entry.revoked_at = TRY(info.read_generalized_time());
  if (info.next_is(context_constructed(0))) {
    Reader wrapped = TRY(info.enter(context_constructed(0)));
    const std::int64_t reason = TRY(wrapped.read_int64(asn1::kEnumerated));
    entry.reason = reason_code_from_int(reason);
    if (!entry.reason) return wrapped.error("revocation reason is unknown");
    TRY(wrapped.finish());
  }
  return info.finish();
}

Result<void> read_cert_status(OcspResponse::Entry& entry, Reader& in) {
  if (in.next_is(context_constructed(1))) return read_revoked_info(entry, in);
  const unsigned choice = in.next_is(context(0)) ? 0 : 2;
  entry.status = choice == 0 ? CertStatus::kGood : CertStatus::kUnknown;
  const BytesView content = TRY(in.read(context(choice)));
  if (!content.empty()) return in.error("certificate status has content");
  return {};
}

// A critical extension that is not understood may change what the answer means (RFC 6960 section
// 4.4).
Result<void> check_not_critical(const Extension& extension, const Reader& at) {
  if (!extension.critical) return {};
  return at.error("OCSP response has an unknown critical extension: " + extension.id.to_string(),
                  Code::kUnsupported);
}

// Extensions of one answer: none is asked for by anybody here.
Result<void> read_single_extensions(Reader& in) {
  if (!in.next_is(context_constructed(1))) return {};
  Reader wrapped = TRY(in.enter(context_constructed(1)));
  const std::vector<Extension> extensions = TRY(read_extension_list(wrapped));
  for (const Extension& extension : extensions) TRY(check_not_critical(extension, wrapped));
  return wrapped.finish();
}

Result<OcspResponse::Entry> read_single_response(Reader& list) {
  Reader in = TRY(list.enter_sequence());
  OcspResponse::Entry entry;
  entry.id = TRY(read_cert_id(in));
  TRY(read_cert_status(entry, in));
  entry.this_update = TRY(in.read_generalized_time());
  if (in.next_is(context_constructed(0))) {
    Reader wrapped = TRY(in.enter(context_constructed(0)));
    entry.next_update = TRY(wrapped.read_generalized_time());
    TRY(wrapped.finish());
  }
  TRY(read_single_extensions(in));
  TRY(in.finish());
  return entry;
}

Result<void> read_response_extensions(OcspResponse& out, Reader& in) {
  if (!in.next_is(context_constructed(1))) return {};
  Reader wrapped = TRY(in.enter(context_constructed(1)));
  const std::vector<Extension> extensions = TRY(read_extension_list(wrapped));
  for (const Extension& extension : extensions) {
    if (extension.id == oids::kOcspNonce) {
      out.nonce = TRY(read_nonce(extension.value));
    } else {
      TRY(check_not_critical(extension, wrapped));
    }
  }
  return wrapped.finish();
}

Result<void> read_response_data(OcspResponse& out, Reader in) {
  if (in.next_is(context_constructed(0))) {
    Reader wrapped = TRY(in.enter(context_constructed(0)));
    const std::int64_t version = TRY(wrapped.read_int64());
    if (version != 0) return in.error("version of the OCSP response is not 1");
    TRY(wrapped.finish());
  }
  TRY(read_responder(out, in));
  out.produced_at = TRY(in.read_generalized_time());
  Reader list = TRY(in.enter_sequence());
  while (!list.empty()) out.entries.push_back(TRY(read_single_response(list)));
  TRY(read_response_extensions(out, in));
  return in.finish();
}

Result<void> read_certificates(OcspResponse& out, Reader& in) {
  if (!in.next_is(context_constructed(0))) return {};
  Reader wrapped = TRY(in.enter(context_constructed(0)));
  Reader list = TRY(wrapped.enter_sequence());
  while (!list.empty()) out.certificates.push_back(TRY(list.read_whole(asn1::kSequence)));
  return wrapped.finish();
}

Result<void> read_basic_response(OcspResponse& out, BytesView der) {
  Reader document(der);
  Reader in = TRY(document.enter_sequence());
  TRY(document.finish());
  Reader peek = in;
  out.response_data = TRY(peek.read_whole(asn1::kSequence));
  const Reader data = TRY(in.enter_sequence());
  TRY(read_response_data(out, data));
  out.signature_algorithm = TRY(in.read_whole(asn1::kSequence));
  const asn1::BitString signature = TRY(in.read_bit_string());
  if (signature.unused_bits != 0) return in.error("signature is not whole octets");
  out.signature = signature.bytes;
  TRY(read_certificates(out, in));
  return in.finish();
}

}  // namespace

Result<OcspResponse> OcspResponse::parse(Bytes der) {
  if (der.size() > kMaxOcspResponseSize)
    return fail(Code::kTooLarge, "OCSP response is over 1 MiB");
  OcspResponse out;
  out.der_ = std::move(der);
  Reader document(out.der_);
  Reader in = TRY(document.enter_sequence());
  TRY(document.finish());
  out.status = TRY(read_status(in));
  if (out.status != OcspStatus::kSuccessful) {
    TRY(in.finish());
    return out;
  }
  Reader wrapped = TRY(in.enter(context_constructed(0)));
  TRY(in.finish());
  Reader bytes = TRY(wrapped.enter_sequence());
  TRY(wrapped.finish());
  const BytesView type = TRY(bytes.read_oid());
  if (!oids::kOcspBasic.is(type))
    return bytes.error("OCSP response is not a basic response", Code::kUnsupported);
  const BytesView basic = TRY(bytes.read_octet_string());
  TRY(bytes.finish());
  TRY(read_basic_response(out, basic));
  return out;
}

Result<void> OcspResponse::verify_signature(const crypto::PublicKey& responder_key) const {
  const crypto::SignatureScheme scheme =
      TRY(crypto::parse_algorithm_identifier(signature_algorithm));
  return responder_key.verify(scheme, response_data, signature);
}

}  // namespace chancery::x509
