#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "boost/json/object.hpp"
#include "crypto/private_key.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/csr.h"
#include "x509/ocsp.h"

namespace chancery::cli {

// Item is one thing that was looked at: as lines for a person and as a value for a program.
struct Item {
  std::string title;                  // "Certificate"
  std::string text;                   // aligned lines; empty when the title says all
  std::vector<std::string> warnings;  // sentences
  boost::json::object value;          // with "kind"; warnings are added when it is written
};

// Each of these describes one object as seen at `now`. Private keys are named by type and public
// key only.
[[nodiscard]] Item describe(const x509::Certificate& certificate, TimePoint now);
[[nodiscard]] Item describe(const x509::CertificationRequest& request);
[[nodiscard]] Item describe(const x509::CertificateList& crl, TimePoint now);
[[nodiscard]] Item describe(const x509::OcspResponse& response, TimePoint now);
[[nodiscard]] Item describe(const crypto::PublicKey& key);
[[nodiscard]] Item describe(const crypto::PrivateKey& key);

// row makes one "label: value" line in the columns of x509::to_text; foreign text is made
// printable.
[[nodiscard]] std::string row(std::string_view label, std::string_view value);

}  // namespace chancery::cli
