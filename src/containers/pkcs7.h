#pragma once

#include <span>
#include <string>
#include <vector>

#include "x509/certificate.h"
#include "x509/crl.h"

namespace chancery::containers {

// Pkcs7 is a certs-only message: a SignedData without content and signers (RFC 5652 section 5; the
// .p7b and .p7c files, RFC 8551 section 3.8), in the order of the file.
struct Pkcs7 {
  std::vector<x509::Certificate> certificates;
  std::vector<x509::CertificateList> crls;
};

inline constexpr std::size_t kMaxPkcs7Certificates = 1000;

// read_pkcs7 takes DER. What is signed, or has content, is refused: this reader checks no
// signature. Attribute certificates are passed over. Errors: kMalformed (BER, too), kTooLarge,
// kUnsupported.
[[nodiscard]] Result<Pkcs7> read_pkcs7(BytesView der);
// read_pkcs7_pem takes one block "PKCS7" or "CMS".
[[nodiscard]] Result<Pkcs7> read_pkcs7_pem(std::string_view text);

// write_pkcs7 keeps the order that it is given, as everybody does, where DER would sort.
[[nodiscard]] Bytes write_pkcs7(std::span<const x509::Certificate> certificates,
                                std::span<const x509::CertificateList> crls = {});
[[nodiscard]] std::string write_pkcs7_pem(std::span<const x509::Certificate> certificates,
                                          std::span<const x509::CertificateList> crls = {});

}  // namespace chancery::containers
