// Reads lines "<kind> <file>" and writes for each what x509 and crypto say to the file's DER, what
// OpenSSL's readers say, and our reason: "<ours> <theirs> <reason>". What we accept must also come
// out of the parsed form as it went in, or the line begins with "broken".

#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "crypto/private_key.h"
#include "crypto/public_key.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/csr.h"
#include "x509/ocsp.h"

namespace {

using namespace chancery;

struct Verdict {
  bool accepted = false;
  bool same = true;  // it came out as it went in
  std::string reason;
};

template <class T, class Bytes_>
Verdict verdict(const Result<T>& parsed, Bytes_ bytes_of, BytesView der) {
  if (!parsed) return {false, true, parsed.error().detail};
  return {true, equal(bytes_of(*parsed), der), ""};
}

Verdict ours(const std::string& kind, BytesView der) {
  const auto whole = [](const auto& parsed) { return parsed.der(); };
  if (kind == "certificate") return verdict(x509::Certificate::parse(der), whole, der);
  if (kind == "request") return verdict(x509::CertificationRequest::parse(der), whole, der);
  if (kind == "crl") {
    const auto parsed = x509::CertificateList::parse(der);
    return {parsed.has_value(), true, parsed ? "" : parsed.error().detail};
  }
  if (kind == "ocsp-request") {
    const auto parsed = x509::OcspRequest::parse(der);
    return {parsed.has_value(), true, parsed ? "" : parsed.error().detail};
  }
  if (kind == "ocsp-response") {
    const auto parsed = x509::OcspResponse::parse(to_bytes(der));
    return {parsed.has_value(), true, parsed ? "" : parsed.error().detail};
  }
  if (kind == "spki") {
    return verdict(
        crypto::PublicKey::from_spki(der), [](const auto& key) { return key.spki(); }, der);
  }
  const auto key = crypto::PrivateKey::from_pkcs8(der);
  if (!key) return {false, true, key.error().detail};
  // Optional parts may go (attributes, the public key), so it is the key that has to come back.
  const auto again = crypto::PrivateKey::from_pkcs8(key->to_pkcs8().value().view());
  return {true, again && equal(again->public_key().spki(), key->public_key().spki()), ""};
}

// Whether a reader takes all of the bytes.
template <class T>
bool reads_all(T* (*read)(T**, const unsigned char**, long), void (*release)(T*), BytesView der) {
  const unsigned char* at = der.data();
  const std::unique_ptr<T, void (*)(T*)> value(read(nullptr, &at, static_cast<long>(der.size())),
                                               release);
  return value != nullptr && at == der.data() + der.size();
}

bool theirs(const std::string& kind, BytesView der) {
  if (kind == "certificate") return reads_all<X509>(d2i_X509, X509_free, der);
  if (kind == "request") return reads_all<X509_REQ>(d2i_X509_REQ, X509_REQ_free, der);
  if (kind == "crl") return reads_all<X509_CRL>(d2i_X509_CRL, X509_CRL_free, der);
  if (kind == "ocsp-request") {
    return reads_all<OCSP_REQUEST>(d2i_OCSP_REQUEST, OCSP_REQUEST_free, der);
  }
  if (kind == "ocsp-response") {
    return reads_all<OCSP_RESPONSE>(d2i_OCSP_RESPONSE, OCSP_RESPONSE_free, der);
  }
  if (kind == "spki") return reads_all<EVP_PKEY>(d2i_PUBKEY, EVP_PKEY_free, der);
  const unsigned char* at = der.data();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(der.size())),
      PKCS8_PRIV_KEY_INFO_free);
  if (info == nullptr || at != der.data() + der.size()) return false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_PKCS82PKEY(info.get()),
                                                                EVP_PKEY_free);
  return key != nullptr;
}

const char* word(bool accepted) { return accepted ? "accepts" : "refuses"; }

}  // namespace

int main() {
  std::string kind;
  std::string path;
  while (std::cin >> kind && std::getline(std::cin >> std::ws, path)) {
    std::ifstream in(path, std::ios::binary);
    const std::string content(std::istreambuf_iterator<char>(in), {});
    const BytesView der = as_bytes(content);
    const Verdict own = ours(kind, der);
    std::cout << (own.same ? word(own.accepted) : "broken") << ' ' << word(theirs(kind, der)) << ' '
              << own.reason << '\n';
  }
  return 0;
}
