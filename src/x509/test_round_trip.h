#pragma once

#include <vector>

#include "asn1/reader.h"
#include "asn1/writer.h"
#include "x509/crl.h"
#include "x509/ocsp.h"
#include "x509/oids.h"

// encode(decode(x)): documents written again out of what their parsers kept, for the tests of this
// folder and the fuzz targets.
namespace chancery::x509::testing {

inline bool writes_version(const CertificateList& list) {
  asn1::Reader document(list.tbs());
  return document.enter_sequence().value().next_is(asn1::kInteger);
}

inline void write_entries(asn1::Writer& w, const CertificateList& list) {
  if (list.entry_count() == 0) return;
  w.sequence([&] {
    for (const CrlEntry& entry : list.entries()) {
      w.sequence([&] {
        w.element(asn1::kInteger, entry.serial);
        w.time(entry.revoked_at);
        if (!entry.extensions.empty()) w.element(asn1::kSequence, entry.extensions);
      });
    }
  });
}

inline void write_extensions(asn1::Writer& w, const CertificateList& list) {
  if (list.extensions().empty()) return;
  w.nest(asn1::context_constructed(0), [&] {
    w.sequence([&] {
      for (const Extension& extension : list.extensions()) write_extension(w, extension);
    });
  });
}

// written_again differs from what was parsed where a time was a GeneralizedTime before 2050, which
// RFC 5280 section 5.1.2.4 wants read but never written.
inline Bytes written_again(const CertificateList& list) {
  asn1::Writer w;
  w.sequence([&] {
    w.sequence([&] {
      if (writes_version(list)) w.integer(1);
      w.raw(list.signature_algorithm());
      w.raw(list.issuer().der());
      w.time(list.this_update());
      if (list.next_update()) w.time(*list.next_update());
      write_entries(w, list);
      write_extensions(w, list);
    });
    w.raw(list.signature_algorithm());
    w.bit_string(list.signature());
  });
  return std::move(w).take();
}

// An entry by the encoder that this product's own lists come from; it differs where an entry has
// other extensions, or others' order or criticality.
inline Bytes encoded_again(const CrlEntry& entry) {
  return encode_crl_entry(entry.serial, entry.revoked_at,
                          entry.reason.value_or(ReasonCode::kUnspecified), entry.invalid_since);
}

// What the request keeps: the certificates and the nonce.
inline Bytes encoded_again(const OcspRequest& request) {
  std::vector<Bytes> ids;
  for (const CertId& id : request.cert_ids) ids.push_back(to_bytes(id.der));
  return encode_ocsp_request(ids, request.nonce.value_or(BytesView{}));
}

// The ResponseData by the encoder of this product's own answers; where the responder is named and
// not given by its key, which is never done here, as it is.
inline Bytes response_data_again(const OcspResponse& response) {
  if (response.responder_name) return to_bytes(response.response_data);
  std::vector<SingleResponse> entries;
  for (const OcspResponse::Entry& e : response.entries) {
    entries.push_back({e.id.der, e.status, e.revoked_at, e.reason, e.this_update, e.next_update});
  }
  ResponseFields fields;
  fields.responder_key_sha1 = response.responder_key_sha1.value();
  fields.produced_at = response.produced_at;
  fields.responses = entries;
  fields.nonce = response.nonce.value_or(BytesView{});
  return encode_response_data(fields);
}

// A successful response, whatever its signature's algorithm.
inline Bytes written_again(const OcspResponse& response) {
  asn1::Writer basic;
  basic.sequence([&] {
    basic.raw(response_data_again(response));
    basic.raw(response.signature_algorithm);
    basic.bit_string(response.signature);
    if (response.certificates.empty()) return;
    basic.nest(asn1::context_constructed(0), [&] {
      basic.sequence([&] {
        for (const BytesView certificate : response.certificates) basic.raw(certificate);
      });
    });
  });
  asn1::Writer w;
  w.sequence([&] {
    w.integer(0, asn1::kEnumerated);
    w.nest(asn1::context_constructed(0), [&] {
      w.sequence([&] {
        w.oid(oids::kOcspBasic.der());
        w.octet_string(basic.view());
      });
    });
  });
  return std::move(w).take();
}

}  // namespace chancery::x509::testing
