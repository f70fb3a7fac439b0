#include "containers/pkcs7.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const auto read = containers::read_pkcs7(BytesView(data, size));
  if (!read) return 0;
  const Bytes written = containers::write_pkcs7(read->certificates, read->crls);
  const auto again = containers::read_pkcs7(written);
  CHANCERY_CHECK(again && again->certificates.size() == read->certificates.size() &&
                 again->crls.size() == read->crls.size());
  return 0;
}
