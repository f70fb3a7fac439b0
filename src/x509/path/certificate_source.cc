#include "x509/path/certificate_source.h"

#include <utility>

#include "x509/path/name_key.h"

namespace chancery::x509::path {

void CertificatePool::add(Certificate certificate) {
  if (!ders_.insert(as_text(certificate.der())).second) return;
  by_subject_[name_key(certificate.subject())].push_back(std::move(certificate));
}

bool CertificatePool::contains(const Certificate& certificate) const {
  return ders_.contains(as_text(certificate.der()));
}

void CertificatePool::find_issuers(const Certificate& child, std::vector<Certificate>& out) const {
  const auto found = by_subject_.find(name_key(child.issuer()));
  if (found == by_subject_.end()) return;
  for (const Certificate& candidate : found->second) {
    if (matches(candidate.subject(), child.issuer())) out.push_back(candidate);
  }
}

}  // namespace chancery::x509::path
