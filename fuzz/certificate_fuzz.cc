#include "x509/certificate.h"
#include "x509/lint/lint.h"
#include "x509/to_text.h"

// Whatever parses can be described, linted and parsed again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const auto certificate = x509::Certificate::parse(BytesView(data, size));
  if (!certificate) return 0;
  CHANCERY_CHECK(!x509::to_text(*certificate).empty());
  (void)x509::lint::lint_certificate(*certificate);
  CHANCERY_CHECK(x509::Certificate::from_pem(certificate->to_pem()).value() == *certificate);
  return 0;
}
