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

Bytes encode_tbs_crl(const CrlHeader& header, std::span<const BytesView> entries) {
  const Bytes head = encode_head(header);
  const Bytes tail = encode_tail(header);
  const std::size_t entries_size =
      std::accumulate(entries.begin(), entries.end(), std::size_t{0},
                      [](std::size_t sum, BytesView piece) { return sum + piece.size(); });
  const std::size_t list_size = entries_size == 0 ? 0 : der_size(entries_size);
  const std::size_t length = head.size() + list_size + tail.size();
  Bytes out;
  out.reserve(der_size(length) + kSignatureReserve);
  append_der_header(out, asn1::kSequence, length);
  append(out, head);
  if (entries_size != 0) append_der_header(out, asn1::kSequence, entries_size);
  for (const BytesView piece : entries) append(out, piece);
  append(out, tail);
  return out;
}

Bytes assemble_crl(Bytes tbs, crypto::SignatureScheme scheme, BytesView signature) {
  const BytesView algorithm = crypto::algorithm_identifier(scheme);
  append(tbs, algorithm);
  append_der_header(tbs, asn1::kBitString, signature.size() + 1);
  tbs.push_back(0);
  append(tbs, signature);
  Bytes header;
  append_der_header(header, asn1::kSequence, tbs.size());
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
