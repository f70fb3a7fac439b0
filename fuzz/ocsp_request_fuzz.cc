#include "x509/test_round_trip.h"

// What a request or response keeps of its input is written again, and read again to the same.
namespace chancery::x509 {
namespace {

void read_request(BytesView der) {
  const auto request = OcspRequest::parse(der);
  if (!request) return;
  CHANCERY_CHECK(!request->cert_ids.empty());
  const Bytes written = testing::encoded_again(*request);
  const auto again = OcspRequest::parse(written);
  CHANCERY_CHECK(again && again->cert_ids.size() == request->cert_ids.size());
  CHANCERY_CHECK(again->nonce.has_value() == request->nonce.has_value());
  CHANCERY_CHECK(testing::encoded_again(*again) == written);
}

void read_response(BytesView der) {
  const auto response = OcspResponse::parse(to_bytes(der));
  if (!response || response->status != OcspStatus::kSuccessful) return;
  const Bytes written = testing::written_again(*response);
  const auto again = OcspResponse::parse(written);
  CHANCERY_CHECK(again && again->entries.size() == response->entries.size());
  CHANCERY_CHECK(testing::written_again(*again) == written);
}

}  // namespace
}  // namespace chancery::x509

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chancery::x509::read_request({data, size});
  chancery::x509::read_response({data, size});
  return 0;
}
