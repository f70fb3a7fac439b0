#include "containers/pkcs7.h"

#include <doctest/doctest.h>

#include "containers/test_content.h"

namespace chancery::containers {
namespace {

std::vector<x509::Certificate> two() {
  return {testing::make_pair(crypto::KeyAlgorithm::kEd25519).certificate,
          testing::make_pair(crypto::KeyAlgorithm::kEd25519).certificate};
}

TEST_CASE("certs-only messages round-trip in DER and PEM, in order") {
  const auto certificates = two();
  const Pkcs7 read = read_pkcs7(write_pkcs7(certificates)).value();
  REQUIRE(read.certificates.size() == 2);
  CHECK(equal(read.certificates[0].der(), certificates[0].der()));
  CHECK(equal(read.certificates[1].der(), certificates[1].der()));
  CHECK(read_pkcs7_pem(write_pkcs7_pem(certificates)).value().certificates.size() == 2);
  CHECK(read_pkcs7(write_pkcs7({})).value().certificates.empty());
}

TEST_CASE("PKCS#7 of other kinds, in BER or damaged is refused") {
  const Bytes der = write_pkcs7(two());
  for (std::size_t size = 0; size < der.size(); size += 1 + der.size() / 60)
    CHECK_FALSE(read_pkcs7(BytesView(der).first(size)).has_value());
  Bytes data = der;
  data[13] = 0x01;  // the last arc of signedData
  CHECK_FALSE(read_pkcs7(data).has_value());
  const Bytes ber = parse_hex("3080").value();
  CHECK(read_pkcs7(ber).error().code == Code::kMalformed);
  CHECK(read_pkcs7_pem("").error().code == Code::kNotFound);
}

}  // namespace
}  // namespace chancery::containers
