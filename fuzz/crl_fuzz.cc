#include "x509/crl.h"
#include "x509/test_round_trip.h"
#include "x509/to_text.h"

// Every entry that is counted can be reached and found. What is accepted is written again as a list
// of the same content, which is written again as it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chancery;
  const auto crl = x509::CertificateList::parse(BytesView(data, size));
  if (!crl) return 0;
  std::size_t count = 0;
  for (const x509::CrlEntry& entry : crl->entries()) count += entry.der.empty() ? 0U : 1U;
  CHANCERY_CHECK(count == crl->entry_count());
  if (count != 0) CHANCERY_CHECK(crl->find(crl->entries().begin()->serial).has_value());
  CHANCERY_CHECK(!x509::to_text(*crl).empty());
  const Bytes written = x509::testing::written_again(*crl);
  const auto again = x509::CertificateList::parse(written);
  CHANCERY_CHECK(again.has_value() && again->entry_count() == count);
  CHANCERY_CHECK(x509::testing::written_again(*again) == written);
  return 0;
}
