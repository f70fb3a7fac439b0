#include "ca/crl_signer.h"

#include <set>

#include "access/grant_event.h"
#include "asn1/writer.h"
#include "ca/crl_state.h"
#include "x509/oids.h"

namespace chancery::ca {
namespace {

constexpr TimePoint kLastMoment = from_unix(253'402'300'799);  // 9999-12-31T23:59:59Z

// What a CRL has only once, and from elsewhere than from the caller.
bool is_reserved(const asn1::Oid& id) {
  return id == x509::oids::kCrlNumber || id == x509::oids::kDeltaCrlIndicator ||
         id == x509::oids::kAuthorityKeyIdentifier;
}

Bytes delta_indicator(std::uint64_t base) {
  asn1::Writer w(16);
  w.unsigned_integer(crl_number_octets(base));
  return std::move(w).take();
}

}  // namespace

Result<Staged<Bytes>> sign_crl(const access::Grant& grant, const Authority& authority,
                               const CrlOrder& order, TimePoint now, std::string_view request_id) {
  if (authority.signer() == nullptr) {
    return std::unexpected(
        Error{Code::kUnavailable, "the authority's key is not kept here", {}, {}}.with(
            "authority", authority.id()));
  }
  if (now > kLastMoment - order.validity)
    return fail(Code::kInvalidArgument, "the CRL would be due after the year 9999");
  std::vector<x509::Extension> extensions;
  const Bytes indicator = order.delta_base ? delta_indicator(*order.delta_base) : Bytes{};
  if (order.delta_base) extensions.push_back({x509::oids::kDeltaCrlIndicator, true, indicator});
  for (const x509::Extension& extension : order.extensions) {
    if (is_reserved(extension.id)) {
      return fail(Code::kInvalidArgument,
                  "the extension " + extension.id.to_string() + " is written by the authority");
    }
    for (const x509::Extension& other : extensions) {
      if (other.id == extension.id)
        return fail(Code::kInvalidArgument,
                    "the extension " + extension.id.to_string() + " stands twice");
    }
    extensions.push_back(extension);
  }
  x509::CrlHeader header;
  header.scheme = authority.scheme(0, false);
  const BytesView issuer = authority.certificate().subject().der();
  header.issuer = issuer;
  header.this_update = now;
  header.next_update = now + order.validity;
  const Bytes number = crl_number_octets(order.number);
  header.number = number;
  header.authority_key_id = authority.key_identifier();
  header.more = extensions;
  Bytes tbs = x509::encode_tbs_crl(header, order.entries);
  const Bytes signature = TRY(authority.signer()->sign(header.scheme, tbs));
  Bytes der = x509::assemble_crl(std::move(tbs), header.scheme, signature);

  record::WriteSet writes;
  auto event =
      access::grant_event(grant, record::EventKind::kCrlSigned, authority.id(), request_id, now);
  event.details = {{"entries", std::to_string(order.count)},
                   {"number", std::to_string(order.number)},
                   {"sha256", hex(crypto::sha256(der))}};
  writes.append(event);
  return Staged<Bytes>(std::move(der), std::move(writes));
}

Result<std::size_t> merge_entries(const Authority& authority,
                                  std::span<const x509::CertificateList> lists, Bytes& entries) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    const x509::CertificateList& list = lists[i];
    if (!x509::matches(list.issuer(), authority.certificate().subject()) ||
        !list.verify_signature(authority.public_key())) {
      return fail(Code::kRefused,
                  "CRL index: " + std::to_string(i) + " was not signed by requested issuer");
    }
    for (const x509::CrlEntry& entry : list.entries()) {
      if (seen.insert(as_text(entry.serial)).second) append(entries, entry.der);
    }
  }
  return seen.size();
}

}  // namespace chancery::ca
