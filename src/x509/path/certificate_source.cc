#include "x509/path/certificate_source.h"

#include <algorithm>
#include <utility>

#include "x509/path/name_key.h"

namespace chancery::x509::path {

void CertificatePool::add(Certificate certificate) {
  std::vector<Certificate>& same_name = by_subject_[name_key(certificate.subject())];
  if (std::ranges::find(same_name, certificate) != same_name.end()) return;
  same_name.push_back(std::move(certificate));
  ++size_;
}

bool CertificatePool::contains(const Certificate& certificate) const {
  const auto found = by_subject_.find(name_key(certificate.subject()));
  return found != by_subject_.end() &&
         std::ranges::find(found->second, certificate) != found->second.end();
}

void CertificatePool::find_issuers(const Certificate& child, std::vector<Certificate>& out) const {
  const auto found = by_subject_.find(name_key(child.issuer()));
  if (found == by_subject_.end()) return;
  for (const Certificate& candidate : found->second) {
    if (matches(candidate.subject(), child.issuer())) out.push_back(candidate);
  }
}

}  // namespace chancery::x509::path
