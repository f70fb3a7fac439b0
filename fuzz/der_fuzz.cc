#include "x509/extensions.h"

// Arbitrary DER through the parts that certificates, requests and CRLs share.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const BytesView der(data, size);
  if (const auto name = x509::Name::from_der(der)) (void)name->to_string();
  asn1::Reader in(der);
  (void)x509::read_extensions(in);
  asn1::Reader names(der);
  if (const auto name = x509::read_general_name(names)) (void)name->to_string();
  (void)x509::read_name_constraints(der);
  return 0;
}
