#include "containers/pkcs7.h"

#include "asn1/pem.h"
#include "asn1/reader.h"
#include "asn1/writer.h"
#include "base/text.h"
#include "containers/pkcs12_oids.h"

namespace chancery::containers {
namespace {

using asn1::context;
using asn1::context_constructed;
using asn1::Reader;

constexpr std::size_t kMaxSize = 64 * 1024 * 1024;

Result<Reader> enter_signed_data(BytesView der) {
  Reader outer(der);
  Reader info = TRY(outer.enter_sequence());
  TRY(outer.finish());
  const BytesView type = TRY(info.read_oid());
  if (!oids::kSignedData.is(type)) return info.error("PKCS#7 is no SignedData", Code::kUnsupported);
  Reader content = TRY(info.enter(context_constructed(0)));
  TRY(info.finish());
  const Reader data = TRY(content.enter_sequence());
  TRY(content.finish());
  return data;
}

Result<void> read_head(Reader& data) {
  const std::int64_t version = TRY(data.read_int64());
  if (version < 1 || version > 5) return data.error("SignedData has an unknown version");
  (void)TRY(data.read(asn1::kSet));  // digest algorithms; openssl and others leave some in
  Reader content = TRY(data.enter_sequence());
  (void)TRY(content.read_oid());
  if (!content.empty())
    return content.error("PKCS#7 with content is not certs-only", Code::kUnsupported);
  return {};
}

Result<void> read_certificates(Reader& data, Pkcs7& out) {
  if (!data.next_is(context_constructed(0))) return {};
  Reader set = TRY(data.enter(context_constructed(0)));
  while (!set.empty()) {
    if (out.certificates.size() == kMaxPkcs7Certificates)
      return set.error("more than 1000 certificates", Code::kTooLarge);
    const asn1::Element element = TRY(set.next());
    if (element.tag == asn1::kSequence)
      out.certificates.push_back(TRY(x509::Certificate::parse(element.whole)));
  }
  return {};
}

Result<void> read_crls(Reader& data, Pkcs7& out) {
  if (!data.next_is(context_constructed(1))) return {};
  Reader set = TRY(data.enter(context_constructed(1)));
  while (!set.empty()) {
    if (out.crls.size() == kMaxPkcs7Certificates)
      return set.error("more than 1000 CRLs", Code::kTooLarge);
    const asn1::Element element = TRY(set.next());
    if (element.tag == asn1::kSequence)
      out.crls.push_back(TRY(x509::CertificateList::parse(element.whole)));
  }
  return {};
}

}  // namespace

Result<Pkcs7> read_pkcs7(BytesView der) {
  if (der.size() > kMaxSize) return fail(Code::kTooLarge, "PKCS#7 is over 64 MiB");
  Reader data = TRY(enter_signed_data(der));
  TRY(read_head(data));
  Pkcs7 out;
  TRY(read_certificates(data, out));
  TRY(read_crls(data, out));
  const BytesView signers = TRY(data.read(asn1::kSet));
  TRY(data.finish());
  if (!signers.empty()) return fail(Code::kUnsupported, "PKCS#7 with signers is not certs-only");
  return out;
}

Result<Pkcs7> read_pkcs7_pem(std::string_view text) {
  const std::vector<asn1::PemBlock> blocks = TRY(asn1::parse_pem(text, 2));
  if (blocks.size() != 1 || (blocks[0].label != "PKCS7" && blocks[0].label != "CMS"))
    return fail(Code::kMalformed, "PEM is not exactly one PKCS7 block");
  return read_pkcs7(blocks[0].der);
}

Bytes write_pkcs7(std::span<const x509::Certificate> certificates,
                  std::span<const x509::CertificateList> crls) {
  asn1::Writer w(4096);
  w.sequence([&] {
    w.oid(oids::kSignedData.der());
    w.nest(context_constructed(0), [&] {
      w.sequence([&] {
        w.integer(1);
        w.nest(asn1::kSet, [] {});
        w.sequence([&] { w.oid(oids::kData.der()); });
        if (!certificates.empty()) {
          w.nest(context_constructed(0), [&] {
            for (const x509::Certificate& each : certificates) w.raw(each.der());
          });
        }
        if (!crls.empty()) {
          w.nest(context_constructed(1), [&] {
            for (const x509::CertificateList& each : crls) w.raw(each.der());
          });
        }
        w.nest(asn1::kSet, [] {});
      });
    });
  });
  return std::move(w).take();
}

std::string write_pkcs7_pem(std::span<const x509::Certificate> certificates,
                            std::span<const x509::CertificateList> crls) {
  return asn1::pem("PKCS7", write_pkcs7(certificates, crls));
}

}  // namespace chancery::containers
