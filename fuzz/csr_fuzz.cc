#include "x509/csr.h"
#include "x509/to_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const auto request = x509::CertificationRequest::parse(BytesView(data, size));
  if (!request) return 0;
  CHANCERY_CHECK(!x509::to_text(*request).empty());
  CHANCERY_CHECK(equal(request->der(), BytesView(data, size)));
  return 0;
}
