// Foreign certificates, CRLs and OCSP messages, where the corpora are at hand: nothing crashes,
// what is refused is listed with its reason in testdata/zlint_refused.txt, and what is accepted
// comes out as it went in.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "asn1/pem.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/csr.h"
#include "x509/der_header.h"
#include "x509/ocsp.h"
#include "x509/to_text.h"

namespace chancery::x509 {
namespace {

namespace fs = std::filesystem;

const std::string kCorpora = CHANCERY_SOURCE_DIR "/../shared/corpora/";
const std::string kGolden = CHANCERY_SOURCE_DIR "/src/x509/testdata/zlint_refused.txt";

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> files_below(const std::string& folder) {
  std::vector<fs::path> out;
  if (!fs::is_directory(kCorpora + folder)) {
    MESSAGE("SKIPPED: corpus absent: ", folder);
    return out;
  }
  for (const auto& entry : fs::recursive_directory_iterator(kCorpora + folder)) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

// The certificate put together again from its parts.
Bytes reassembled(const Certificate& certificate) {
  Bytes body = to_bytes(certificate.tbs());
  append(body, certificate.signature_algorithm());
  append_der_header(body, asn1::kBitString, certificate.signature().size() + 1);
  body.push_back(0);
  append(body, certificate.signature());
  Bytes out;
  append_der_header(out, asn1::kSequence, body.size());
  append(out, body);
  return out;
}

void check_accepted(const Certificate& certificate) {
  CHECK(equal(reassembled(certificate), certificate.der()));
  CHECK_FALSE(to_text(certificate).empty());
  for (const Name* const name : {&certificate.issuer(), &certificate.subject()}) {
    CHECK(Name::from_der(name->der()).value() == *name);
  }
}

std::string describe(const Error& error) {
  std::string text = error.detail;
  for (const Context& step : error.where) {
    if (step.key != "offset") text += ", " + step.key + "=" + step.value;
  }
  return text;
}

// What our parsers say to one file of the zlint corpus: "" when it is accepted.
std::string verdict(const std::string& content) {
  const auto blocks = asn1::parse_pem(content);
  if (!blocks) {
    const auto response = OcspResponse::parse(to_bytes(content));
    return response ? "" : "not PEM: " + describe(blocks.error());
  }
  std::string refused;
  for (const asn1::PemBlock& block : *blocks) {
    if (block.label == "CERTIFICATE") {
      const auto certificate = Certificate::parse(block.der);
      if (certificate) check_accepted(*certificate);
      if (!certificate) refused = describe(certificate.error());
    } else {
      const auto crl = CertificateList::parse(block.der);
      if (crl) CHECK_FALSE(to_text(*crl).empty());
      if (!crl) refused = describe(crl.error());
    }
  }
  return refused;
}

TEST_CASE("the zlint corpus is accepted but for the files listed") {
  const std::vector<fs::path> files = files_below("zlint-testdata");
  if (files.empty()) return;
  std::string actual;
  std::map<std::string, int> reasons;
  std::size_t refused = 0;
  for (const fs::path& file : files) {
    const std::string reason = verdict(read_file(file));
    if (reason.empty()) continue;
    ++refused;
    ++reasons[reason];
    actual += fs::relative(file, kCorpora + "zlint-testdata").string() + ": " + reason + "\n";
  }
  std::string table =
      std::to_string(files.size() - refused) + " accepted, " + std::to_string(refused) + " refused";
  for (const auto& [reason, count] : reasons)
    table += "\n  " + std::to_string(count) + "  " + reason;
  MESSAGE(table);
  if (actual != read_file(kGolden)) {
    std::ofstream("zlint_refused.actual.txt") << actual;
    FAIL_CHECK(
        "differs from testdata/zlint_refused.txt; see zlint_refused.actual.txt in the working "
        "directory");
  }
}

struct Count {
  std::size_t accepted = 0;
  std::size_t refused = 0;
  void add(bool ok) { ++(ok ? accepted : refused); }
};

template <class Parse>
Count replay(const std::string& folder, Parse&& parse) {
  Count count;
  for (const fs::path& file : files_below("fuzz-seeds/" + folder))
    count.add(parse(to_bytes(read_file(file))));
  return count;
}

TEST_CASE("fuzz seeds: certificates") {
  const Count count = replay("cert", [](const Bytes& der) {
    const auto certificate = Certificate::parse(der);
    if (certificate) check_accepted(*certificate);
    return certificate.has_value();
  });
  MESSAGE(count.accepted, " accepted, ", count.refused, " refused");
  if (count.accepted + count.refused == 0) return;
  CHECK(count.accepted == 37);
}

TEST_CASE("fuzz seeds: OCSP") {
  const Count count = replay("ocsp", [](const Bytes& der) {
    return OcspRequest::parse(der).has_value() || OcspResponse::parse(der).has_value();
  });
  MESSAGE(count.accepted, " accepted, ", count.refused, " refused");
  if (count.accepted + count.refused == 0) return;
  CHECK(count.accepted == 55);
}

TEST_CASE("fuzz seeds of other formats crash no parser") {
  for (const char* const folder :
       {"asn1parse", "der_roundtrip", "pkcs7_verify", "spki", "ocsp_http"}) {
    replay(folder, [](const Bytes& der) {
      const auto certificate = Certificate::parse(der);
      return certificate.has_value() || CertificateList::parse(der).has_value() ||
             CertificationRequest::parse(der).has_value() || OcspRequest::parse(der).has_value() ||
             Name::from_der(der).has_value();
    });
  }
}

}  // namespace
}  // namespace chancery::x509
