#include <numeric>
#include <utility>

#include "asn1/writer.h"
#include "x509/crl.h"
#include "x509/der_header.h"
#include "x509/named_bits.h"
#include "x509/oids.h"

// Building CRLs. A list may have a million entries, so sizes are computed first and entries copied
// once.
namespace chancery::x509 {
namespace {

using asn1::Writer;

// Room behind the TBS for the algorithm and an ML-DSA-87 signature, so that assemble_crl needs no
// new buffer.
constexpr std::size_t kSignatureReserve = 6 * 1024;

Bytes encode_head(const CrlHeader& header) {
  Writer w(header.issuer.size() + 96);
  w.integer(1);
  w.raw(crypto::algorithm_identifier(header.scheme));
  w.raw(header.issuer);
  w.time(header.this_update);
  w.time(header.next_update);
  return std::move(w).take();
}

Bytes encode_tail(const CrlHeader& header) {
  Writer w(256);
  w.nest(asn1::context_constructed(0), [&] {
    w.sequence([&] {
      write_authority_key_id(w, header.authority_key_id);
      write_crl_number(w, header.number);
      for (const Extension& extension : header.more) write_extension(w, extension);
    });
  });
  return std::move(w).take();
}

}  // namespace

Bytes encode_crl_entry(BytesView serial, TimePoint revoked_at, ReasonCode reason,
                       std::optional<TimePoint> invalid_since) {
  Writer w(96);
  w.sequence([&] {
    w.element(asn1::kInteger, serial);
    w.time(revoked_at);
    if (reason == ReasonCode::kUnspecified && !invalid_since) return;
    w.sequence([&] {
      if (reason != ReasonCode::kUnspecified) write_reason_code(w, reason);
      if (invalid_since) write_invalidity_date(w, *invalid_since);
    });
  });
  return std::move(w).take();
}

Bytes encode_tbs_crl(const CrlHeader& header, BytesView entries) {
  return encode_tbs_crl(header, std::span<const BytesView>(&entries, 1));
}

CrlFrame frame_tbs_crl(const CrlHeader& header, std::size_t entries_size) {
  const Bytes fields = encode_head(header);
  CrlFrame frame{{}, encode_tail(header)};
  const std::size_t list_size = entries_size == 0 ? 0 : der_size(entries_size);
  append_der_header(frame.head, asn1::kSequence, fields.size() + list_size + frame.tail.size());
  append(frame.head, fields);
  if (entries_size != 0) append_der_header(frame.head, asn1::kSequence, entries_size);
  return frame;
}

Bytes encode_tbs_crl(const CrlHeader& header, std::span<const BytesView> entries) {
  const std::size_t entries_size =
      std::accumulate(entries.begin(), entries.end(), std::size_t{0},
                      [](std::size_t sum, BytesView piece) { return sum + piece.size(); });
  const CrlFrame frame = frame_tbs_crl(header, entries_size);
  Bytes out;
  out.reserve(frame.head.size() + entries_size + frame.tail.size() + kSignatureReserve);
  append(out, frame.head);
  for (const BytesView piece : entries) append(out, piece);
  append(out, frame.tail);
  return out;
}

Bytes crl_signature(crypto::SignatureScheme scheme, BytesView signature) {
  Bytes out = to_bytes(crypto::algorithm_identifier(scheme));
  append_der_header(out, asn1::kBitString, signature.size() + 1);
  out.push_back(0);
  append(out, signature);
  return out;
}

Bytes crl_header(std::size_t size) {
  Bytes header;
  append_der_header(header, asn1::kSequence, size);
  return header;
}

Bytes assemble_crl(Bytes tbs, crypto::SignatureScheme scheme, BytesView signature) {
  append(tbs, crl_signature(scheme, signature));
  const Bytes header = crl_header(tbs.size());
  tbs.insert(tbs.begin(), header.begin(), header.end());
  return tbs;
}

Bytes encode_issuing_distribution_point(const IssuingDistributionPoint& point) {
  Writer w(128);
  const std::uint8_t yes = 0xff;
  w.sequence([&] {
    if (!point.urls.empty()) {
      w.nest(asn1::context_constructed(0), [&] {
        w.nest(asn1::context_constructed(0), [&] {
          for (const std::string& url : point.urls) {
            w.element(asn1::context(static_cast<unsigned>(GeneralName::Kind::kUri)),
                      std::string_view(url));
          }
        });
      });
    }
    if (point.only_contains_user_certs) w.element(asn1::context(1), BytesView(&yes, 1));
    if (point.only_contains_ca_certs) w.element(asn1::context(2), BytesView(&yes, 1));
    if (point.only_some_reasons) write_named_bits(w, *point.only_some_reasons, asn1::context(3));
    if (point.indirect_crl) w.element(asn1::context(4), BytesView(&yes, 1));
    if (point.only_contains_attribute_certs) w.element(asn1::context(5), BytesView(&yes, 1));
  });
  return std::move(w).take();
}

}  // namespace chancery::x509
