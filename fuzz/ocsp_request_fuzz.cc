#include "x509/ocsp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const BytesView der(data, size);
  if (const auto request = x509::OcspRequest::parse(der)) {
    CHANCERY_CHECK(!request->cert_ids.empty());
  }
  (void)x509::OcspResponse::parse(to_bytes(der));
  return 0;
}
