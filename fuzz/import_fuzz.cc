#include <cstddef>
#include <cstdint>
#include <string_view>

#include "asn1/pem.h"
#include "enrol/bundle.h"
#include "protocols/admin/crl_import.h"
#include "protocols/json/body.h"
#include "x509/crl.h"

namespace {

using namespace chancery;

void import_crl(std::string_view text) {
  const auto body = json::Body::parse_json(text);
  if (!body) return;
  json::FieldReader fields(*body);
  const auto der = admin::read_crl_import(fields);
  if (!der) return;
  const auto list = x509::CertificateList::parse(BytesView(*der));
  CHANCERY_CHECK(list.has_value());
  std::size_t entries = 0;
  for (const x509::CrlEntry& entry : list->entries()) {
    ++entries;
    CHANCERY_CHECK(!entry.serial.empty());
  }
  CHANCERY_CHECK(entries == list->entry_count());
}

void import_bundle(std::string_view text) {
  const auto bundle = enrol::read_bundle(text, "pem_bundle");
  if (!bundle) return;
  for (const x509::Certificate& certificate : bundle->certificates) {
    const auto pem = asn1::pem("CERTIFICATE", certificate.der());
    const auto again = enrol::read_bundle(pem, "pem_bundle");
    CHANCERY_CHECK(again.has_value() && again->certificates.size() == 1);
    CHANCERY_CHECK(equal(again->certificates.front().der(), certificate.der()));
  }
}

}  // namespace

// Requests that bring what others made: a CRL in JSON, or certificates and keys in PEM.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  text.starts_with('{') ? import_crl(text) : import_bundle(text);
  return 0;
}
