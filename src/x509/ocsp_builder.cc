#include <array>

#include "asn1/writer.h"
#include "x509/der_header.h"
#include "x509/ocsp.h"
#include "x509/ocsp_parts.h"
#include "x509/oids.h"

namespace chancery::x509 {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Writer;

void write_status(Writer& w, const SingleResponse& response) {
  if (response.status != CertStatus::kRevoked) {
    w.element(context(response.status == CertStatus::kGood ? 0 : 2), BytesView{});
    return;
  }
  w.nest(context_constructed(1), [&] {
    w.generalized_time(response.revoked_at);
    if (!response.reason || *response.reason == ReasonCode::kUnspecified) return;
    w.nest(context_constructed(0),
           [&] { w.integer(static_cast<std::int64_t>(*response.reason), asn1::kEnumerated); });
  });
}

void write_single_response(Writer& w, const SingleResponse& response) {
  w.sequence([&] {
    w.raw(response.cert_id);
    write_status(w, response);
    w.generalized_time(response.this_update);
    if (response.next_update) {
      w.nest(context_constructed(0), [&] { w.generalized_time(*response.next_update); });
    }
  });
}

void write_response_extensions(Writer& w, const ResponseFields& fields) {
  if (fields.nonce.empty() && !fields.extended_revoke) return;
  constexpr std::uint8_t kNull[] = {asn1::kNull, 0x00};
  w.nest(context_constructed(1), [&] {
    w.sequence([&] {
      if (!fields.nonce.empty()) write_nonce(w, fields.nonce);
      if (fields.extended_revoke) write_extension(w, {oids::kOcspExtendedRevoke, false, kNull});
    });
  });
}

}  // namespace

void write_nonce(Writer& out, BytesView nonce) {
  out.sequence([&] {
    out.oid(oids::kOcspNonce.der());
    out.nest(asn1::kOctetString, [&] { out.octet_string(nonce); });
  });
}

std::string_view name(OcspStatus status) {
  constexpr std::array<std::string_view, 7> kNames{
      "successful", "malformedRequest", "internalError", "tryLater",
      "",           "sigRequired",      "unauthorized"};
  return kNames[static_cast<std::size_t>(status)];
}

BytesView ocsp_error(OcspStatus status) {
  constexpr auto response = [](std::uint8_t value) {
    return std::array<std::uint8_t, 5>{asn1::kSequence, 3, asn1::kEnumerated, 1, value};
  };
  static constexpr std::array kResponses{response(0), response(1), response(2), response(3),
                                         response(4), response(5), response(6)};
  CHANCERY_CHECK(status != OcspStatus::kSuccessful);
  return kResponses[static_cast<std::size_t>(status)];
}

Bytes encode_response_data(const ResponseFields& fields) {
  Writer w(160 + fields.responses.size() * 192 + fields.nonce.size());
  w.sequence([&] {
    w.nest(context_constructed(2), [&] { w.octet_string(fields.responder_key_sha1); });
    w.generalized_time(fields.produced_at);
    w.sequence([&] {
      for (const SingleResponse& response : fields.responses) write_single_response(w, response);
    });
    write_response_extensions(w, fields);
  });
  return std::move(w).take();
}

Bytes assemble_ocsp_response(BytesView response_data, crypto::SignatureScheme scheme,
                             BytesView signature, std::span<const BytesView> certificates) {
  const BytesView algorithm = crypto::algorithm_identifier(scheme);
  std::size_t certificates_size = 0;
  for (const BytesView certificate : certificates) certificates_size += certificate.size();
  const std::size_t wrapped = certificates_size == 0 ? 0 : der_size(der_size(certificates_size));
  const std::size_t basic =
      response_data.size() + algorithm.size() + der_size(signature.size() + 1) + wrapped;
  const BytesView type = oids::kOcspBasic.der();
  const std::size_t bytes = der_size(type.size()) + der_size(der_size(basic));
  const std::size_t body = 3 + der_size(der_size(bytes));
  Bytes out;
  out.reserve(der_size(body));
  append_der_header(out, asn1::kSequence, body);
  append(out, std::array<std::uint8_t, 3>{asn1::kEnumerated, 1, 0});
  append_der_header(out, context_constructed(0), der_size(bytes));
  append_der_header(out, asn1::kSequence, bytes);
  append_der_header(out, asn1::kObjectIdentifier, type.size());
  append(out, type);
  append_der_header(out, asn1::kOctetString, der_size(basic));
  append_der_header(out, asn1::kSequence, basic);
  append(out, response_data);
  append(out, algorithm);
  append_der_header(out, asn1::kBitString, signature.size() + 1);
  out.push_back(0);
  append(out, signature);
  if (certificates_size != 0) {
    append_der_header(out, context_constructed(0), der_size(certificates_size));
    append_der_header(out, asn1::kSequence, certificates_size);
    for (const BytesView certificate : certificates) append(out, certificate);
  }
  return out;
}

}  // namespace chancery::x509
