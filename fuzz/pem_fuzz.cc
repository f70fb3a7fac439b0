#include "asn1/pem.h"

// What is read is written and read again as the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const auto blocks = asn1::parse_pem(as_text(BytesView(data, size)));
  if (!blocks) return 0;
  for (const asn1::PemBlock& block : *blocks) {
    const std::string text = asn1::pem(block.label, block.der);
    CHANCERY_CHECK(asn1::parse_one_pem(text, block.label).value() == block.der);
  }
  return 0;
}
