#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "x509/certificate.h"

namespace chancery::x509::path {

// CertificateSource yields certificates that may have issued another one. What it yields is only
// ever a candidate: nothing in it is trusted.
class CertificateSource {
 public:
  virtual ~CertificateSource() = default;
  // find_issuers appends candidates whose subject is `child`'s issuer, in any order.
  virtual void find_issuers(const Certificate& child, std::vector<Certificate>& out) const = 0;
};

// CertificatePool is a CertificateSource of certificates in memory. Adding is not thread-safe,
// asking is.
class CertificatePool final : public CertificateSource {
 public:
  // add leaves out what is there already.
  void add(Certificate certificate);
  [[nodiscard]] bool contains(const Certificate& certificate) const;
  [[nodiscard]] std::size_t size() const { return ders_.size(); }

  void find_issuers(const Certificate& child, std::vector<Certificate>& out) const override;

 private:
  std::map<std::string, std::vector<Certificate>> by_subject_;  // name_key -> certificates
  std::set<std::string_view> ders_;  // of all of them; the certificates keep the bytes
};

// TrustStore holds the trust anchors. An anchor is a certificate that the caller trusts by itself:
// usually a self-signed root, but an intermediate or an end-entity certificate may be one as well.
// Its signature is not checked; its validity, name constraints, path length and purposes are (RFC
// 5937), its policies are not.
class TrustStore {
 public:
  void add(Certificate anchor) { pool_.add(std::move(anchor)); }
  [[nodiscard]] bool contains(const Certificate& certificate) const {
    return pool_.contains(certificate);
  }
  [[nodiscard]] const CertificateSource& source() const { return pool_; }
  [[nodiscard]] std::size_t size() const { return pool_.size(); }

 private:
  CertificatePool pool_;
};

}  // namespace chancery::x509::path
