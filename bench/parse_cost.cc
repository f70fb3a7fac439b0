// What certificates, requests, CRLs, OCSP requests and PEM cost at worst; see cost_shapes.h.

#include <functional>
#include <string>
#include <vector>

#include "asn1/pem.h"
#include "asn1/writer.h"
#include "cost_shapes.h"
#include "crypto/private_key.h"
#include "x509/certificate.h"
#include "x509/certificate_builder.h"
#include "x509/crl.h"
#include "x509/csr.h"
#include "x509/der_header.h"
#include "x509/ocsp.h"
#include "x509/oids.h"

using namespace chancery;

namespace {

namespace oids = x509::oids;
using bench::repeat;
using bench::Shape;
using crypto::SignatureScheme;

bool certificate(BytesView der) { return x509::Certificate::parse(der).has_value(); }
bool request(BytesView der) { return x509::CertificationRequest::parse(der).has_value(); }
bool crl(BytesView der) { return x509::CertificateList::parse(der).has_value(); }
bool ocsp(BytesView der) { return x509::OcspRequest::parse(der).has_value(); }
bool pem(BytesView text) { return asn1::parse_pem(as_text(text)).has_value(); }

// Sequences in one another, as deep as the input is long.
Bytes nested(std::size_t depth) {
  std::vector<Bytes> headers;  // the innermost first
  std::size_t inside = 0;
  for (std::size_t i = 0; i < depth; ++i) {
    Bytes header;
    x509::append_der_header(header, asn1::kSequence, inside);
    inside += header.size();
    headers.push_back(std::move(header));
  }
  Bytes out;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) append(out, *header);
  return out;
}

const crypto::PrivateKey& key() {
  static const auto kKey =
      crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  return kKey;
}

Bytes certificate_with(const std::function<void(x509::TbsFields&)>& fill) {
  static const x509::Name kName = x509::Name::parse("CN=a").value();
  static const Bytes kSerial(16, 0x11);
  x509::TbsFields fields;
  fields.serial = kSerial;
  fields.issuer = kName.der();
  fields.subject = kName.der();
  fields.not_before = from_unix(1'772'323'200);
  fields.not_after = from_unix(1'780'272'000);
  fields.spki = key().public_key().spki();
  fill(fields);
  const Bytes tbs = x509::encode_tbs(fields).value();
  return x509::assemble(tbs, SignatureScheme::kEcdsaSha256, Bytes(70, 0x30));
}

Bytes many_extensions(std::size_t count) {
  asn1::Writer all(count * 32);
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = asn1::Oid::parse("1.3.6.1.4.1.99999." + std::to_string(i)).value();
    x509::write_extension(all, {id, false, Bytes{0x05, 0x00}});
  }
  return certificate_with([&](x509::TbsFields& f) { f.encoded_extensions = all.view(); });
}

Bytes many_names(std::size_t count) {
  std::vector<x509::GeneralName> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(x509::GeneralName::dns("h" + std::to_string(i) + ".example").value());
  }
  return certificate_with([&](x509::TbsFields& f) { f.subject_alt_names = names; });
}

Bytes many_rdns(std::size_t count) {
  asn1::Writer name(count * 16);
  name.sequence([&] {
    for (std::size_t i = 0; i < count; ++i) {
      asn1::Writer attribute;
      attribute.sequence([&] {
        attribute.oid(oids::kCommonName.der());
        attribute.element(asn1::kUtf8String, std::string_view("name"));
      });
      name.element(asn1::kSet, attribute.view());
    }
  });
  return certificate_with([&](x509::TbsFields& f) { f.subject = name.view(); });
}

Bytes one_extension(const asn1::Oid& id, BytesView value) {
  asn1::Writer all(value.size() + 32);
  x509::write_extension(all, {id, false, value});
  return certificate_with([&](x509::TbsFields& f) { f.encoded_extensions = all.view(); });
}

Bytes big_oid(std::size_t octets) {
  asn1::Writer value(octets + 16);
  Bytes oid(octets, 0x81);
  oid.back() = 0x01;
  value.sequence([&] { value.oid(oid); });
  return one_extension(oids::kExtendedKeyUsage, value.view());
}

Bytes many_purposes(std::size_t count) {
  asn1::Writer value(count * 12);
  value.sequence([&] {
    for (std::size_t i = 0; i < count; ++i) value.oid(oids::kServerAuth.der());
  });
  return one_extension(oids::kExtendedKeyUsage, value.view());
}

Bytes crl_entries(std::size_t count) {
  asn1::Writer tbs(count * 40 + 256);
  tbs.sequence([&] {
    tbs.integer(1);
    tbs.raw(crypto::algorithm_identifier(SignatureScheme::kEcdsaSha256));
    tbs.raw(x509::Name::parse("CN=a").value().der());
    tbs.element(asn1::kUtcTime, std::string_view("260301000000Z"));
    tbs.element(asn1::kUtcTime, std::string_view("260401000000Z"));
    tbs.sequence([&] {
      for (std::size_t i = 0; i < count; ++i) {
        tbs.sequence([&] {
          tbs.integer(static_cast<std::int64_t>(i + 1'000'000));
          tbs.element(asn1::kUtcTime, std::string_view("260301000000Z"));
        });
      }
    });
  });
  return x509::assemble(tbs.view(), SignatureScheme::kEcdsaSha256, Bytes(70, 0x30));
}

constexpr Shape kShapes[] = {
    {"certificate-nested", certificate, nested, 5'000},
    {"request-nested", request, nested, 5'000},
    {"crl-nested", crl, nested, 5'000},
    {"ocsp-nested", ocsp, nested, 5'000},
    {"certificate-extensions", certificate, many_extensions, 15},
    {"certificate-extensions-too-many", certificate, many_extensions, 1'000},
    {"certificate-names", certificate, many_names, 500},
    {"certificate-names-too-many", certificate, many_names, 5'000},
    {"certificate-rdns", certificate, many_rdns, 15},
    {"certificate-rdns-too-many", certificate, many_rdns, 1'000},
    {"certificate-purposes", certificate, many_purposes, 60},
    {"certificate-oid", certificate, big_oid, 10'000},
    {"crl-entries", crl, crl_entries, 2'000},
    {"pem-no-lines", pem, [](std::size_t n) { return repeat("x\n", n); }, 10'000},
    {"pem-begins", pem, [](std::size_t n) { return repeat("-----BEGIN A-----\n", n); }, 2'000},
    {"pem-dashes", pem, [](std::size_t n) { return repeat("-", n); }, 20'000},
    {"pem-almost", pem, [](std::size_t n) { return repeat("-----BEGIN ", n); }, 2'000},
};

}  // namespace

int main() { return bench::measure(kShapes); }
