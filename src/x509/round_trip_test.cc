// encode(decode(x)) == x for CRLs and OCSP messages: of the corpora, where they are at hand, and of
// messages made at random.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "asn1/pem.h"
#include "x509/test_certificates.h"
#include "x509/test_round_trip.h"

namespace chancery::x509 {
namespace {

namespace fs = std::filesystem;
using crypto::SignatureScheme;

// Every file of the corpora, as it is and as what its PEM blocks hold.
const std::vector<Bytes>& documents() {
  static const std::vector<Bytes> kAll = [] {
    std::vector<Bytes> all;
    for (const char* const folder : {"fuzz-seeds", "zlint-testdata"}) {
      const fs::path path = fs::path(CHANCERY_SOURCE_DIR "/../shared/corpora") / folder;
      if (!fs::is_directory(path)) MESSAGE("SKIPPED: corpus absent: ", folder);
      if (!fs::is_directory(path)) continue;
      for (const auto& file : fs::recursive_directory_iterator(path)) {
        if (!file.is_regular_file()) continue;
        std::ifstream in(file.path(), std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(in), {}};
        const auto blocks = asn1::parse_pem(content);
        for (std::size_t i = 0; blocks && i < blocks->size(); ++i) all.push_back((*blocks)[i].der);
        if (!blocks) all.push_back(to_bytes(as_bytes(content)));
      }
    }
    return all;
  }();
  return kAll;
}

using Counts = std::map<std::string, int>;

// The corpora are fixed, so are the numbers; with none at hand there are none.
void check_counts(const Counts& counts, const Counts& expected) {
  if (documents().empty()) return;
  CHECK(counts.size() == expected.size());
  for (const auto& [what, count] : counts) {
    CAPTURE(what);
    CHECK(expected.contains(what));
    CHECK(count == expected.at(what));
  }
}

TEST_CASE("CRLs of the corpora come out as they went in") {
  Counts counts;
  for (const Bytes& der : documents()) {
    const auto list = CertificateList::parse(der);
    if (!list) continue;
    ++counts[equal(testing::written_again(*list), der) ? "lists" : "other lists"];
    for (const CrlEntry& entry : list->entries()) {
      ++counts[equal(testing::encoded_again(entry), entry.der) ? "entries" : "other entries"];
    }
  }
  // The other entries write the reason "unspecified" out, once as critical.
  check_counts(counts, {{"lists", 45}, {"entries", 188}, {"other entries", 2}});
}

TEST_CASE("OCSP responses of the corpora come out as they went in") {
  Counts counts;
  for (const Bytes& der : documents()) {
    const auto response = OcspResponse::parse(der);
    if (!response) continue;
    const bool successful = response->status == OcspStatus::kSuccessful;
    const Bytes again =
        successful ? testing::written_again(*response) : to_bytes(ocsp_error(response->status));
    ++counts[equal(again, der) ? "responses" : "other responses"];
    if (!equal(again, der)) MESSAGE(hex(der));
  }
  check_counts(counts, {{"responses", 57}});
}

// Made up content from a fixed seed.
class Maker {
 public:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  bool maybe() { return below(2) == 0; }
  Bytes bytes(std::size_t size) {
    Bytes out(size);
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random_());
    return out;
  }
  // An INTEGER's content: 1 to 20 octets, minimal, positive.
  Bytes serial() {
    Bytes out = bytes(1 + below(20));
    out[0] = static_cast<std::uint8_t>(1 + out[0] % 0x7f);
    return out;
  }
  // From 1950 to 2105, so that both forms of a time are met.
  TimePoint time() { return from_unix(-631'152'000 + static_cast<std::int64_t>(random_())); }
  ReasonCode reason() {
    return reason_code_from_int(below(11)).value_or(ReasonCode::kKeyCompromise);
  }

 private:
  std::mt19937 random_{20'260'101};
};

TEST_CASE("CRLs made at random come out as they went in") {
  Maker maker;
  const Name issuer = Name::parse("CN=Test CA").value();
  for (int round = 0; round < 300; ++round) {
    Bytes entries;
    const std::uint32_t count = maker.below(6);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::optional<TimePoint> since =
          maker.maybe() ? std::optional(maker.time()) : std::nullopt;
      append(entries, encode_crl_entry(maker.serial(), maker.time(), maker.reason(), since));
    }
    const Bytes number = maker.serial();
    const Bytes key_id = maker.bytes(20);
    CrlHeader header;
    header.issuer = issuer.der();
    header.this_update = maker.time();
    header.next_update = maker.time();
    header.number = number;
    header.authority_key_id = key_id;
    const Bytes der = assemble_crl(encode_tbs_crl(header, entries), header.scheme, maker.bytes(64));
    const auto list = CertificateList::parse(der);
    REQUIRE(list.has_value());
    CHECK(list->entry_count() == count);
    CHECK(list->this_update() == header.this_update);
    CHECK(list->next_update() == header.next_update);
    CHECK(testing::written_again(*list) == der);
    for (const CrlEntry& entry : list->entries()) {
      CHECK(equal(testing::encoded_again(entry), entry.der));
    }
  }
}

// CertIDs of two digests; what they are of does not matter here.
std::vector<Bytes> cert_ids(Maker& maker) {
  static const crypto::PrivateKey kKey =
      crypto::PrivateKey::generate({crypto::KeyAlgorithm::kEcdsaP256, 0}).value();
  std::vector<Bytes> ids;
  const std::uint32_t count = 1 + maker.below(8);
  for (std::uint32_t i = 0; i < count; ++i) {
    ids.push_back(encode_cert_id(
        maker.maybe() ? crypto::DigestAlgorithm::kSha1 : crypto::DigestAlgorithm::kSha256,
        Name::parse("CN=Test CA").value(), kKey.public_key(), maker.serial()));
  }
  return ids;
}

TEST_CASE("OCSP requests made at random come out as they went in") {
  Maker maker;
  for (int round = 0; round < 300; ++round) {
    const std::vector<Bytes> ids = cert_ids(maker);
    const Bytes nonce = maker.bytes(maker.below(kMaxOcspNonceSize + 1));
    const Bytes der = encode_ocsp_request(ids, nonce);
    const auto request = OcspRequest::parse(der);
    REQUIRE(request.has_value());
    CHECK(request->cert_ids.size() == ids.size());
    CHECK(request->nonce.has_value() == !nonce.empty());
    CHECK(testing::encoded_again(*request) == der);
  }
}

SingleResponse single_response(Maker& maker, BytesView cert_id) {
  SingleResponse out;
  out.cert_id = cert_id;
  out.status = static_cast<CertStatus>(maker.below(3));
  if (out.status == CertStatus::kRevoked) out.revoked_at = maker.time();
  if (out.status == CertStatus::kRevoked && maker.maybe()) out.reason = maker.reason();
  out.this_update = maker.time();
  if (maker.maybe()) out.next_update = maker.time();
  return out;
}

TEST_CASE("OCSP responses made at random come out as they went in") {
  Maker maker;
  for (int round = 0; round < 300; ++round) {
    const std::vector<Bytes> ids = cert_ids(maker);
    std::vector<SingleResponse> responses;
    for (const Bytes& id : ids) responses.push_back(single_response(maker, id));
    const Bytes responder = maker.bytes(20);
    const Bytes nonce = maker.bytes(maker.below(kMaxOcspNonceSize + 1));
    const Bytes certificate = {asn1::kSequence, 0};
    const std::vector<BytesView> certificates(maker.below(3), certificate);
    ResponseFields fields;
    fields.responder_key_sha1 = responder;
    fields.produced_at = maker.time();
    fields.responses = responses;
    fields.nonce = nonce;
    const Bytes der = assemble_ocsp_response(
        encode_response_data(fields), SignatureScheme::kEcdsaSha256, maker.bytes(64), certificates);
    const auto response = OcspResponse::parse(der);
    REQUIRE(response.has_value());
    REQUIRE(response->entries.size() == ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      CHECK(response->entries[i].status == responses[i].status);
      CHECK(response->entries[i].next_update == responses[i].next_update);
    }
    CHECK(testing::written_again(*response) == der);
  }
}

}  // namespace
}  // namespace chancery::x509
