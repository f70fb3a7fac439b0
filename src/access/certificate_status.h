#pragma once

#include <span>
#include <string>
#include <vector>

#include "access/status_source.h"
#include "base/time.h"
#include "x509/certificate.h"
#include "x509/crl.h"

namespace chancery::access {

// OcspRules say how a role's certificates are asked about by OCSP, with Vault's words.
struct OcspRules {
  bool enabled = false;
  std::string ca_certificates;       // PEM: who else may sign answers, or issue those who do
  std::vector<std::string> servers;  // instead of those that the certificate names
  bool fail_open = false;            // a certificate of which nobody tells passes
  bool query_all_servers = false;    // all servers have to say "good"

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.enabled);
    visit(self.ca_certificates);
    visit(self.servers);
    visit(self.fail_open);
    visit(self.query_all_servers);
  }
};

// listed_as_revoked says whether one of `crls` has a certificate of `path` (target first, anchor
// last). A list that is stale tells no longer who is good, but whom it lists stays revoked. Where
// the path is the certificate alone, because a role trusts just that, the list is believed without
// its issuer's key: whoever set the role up gave the list as well.
[[nodiscard]] bool listed_as_revoked(std::span<const x509::Certificate> path,
                                     std::span<const x509::CertificateList> crls, TimePoint now);

// ask_ocsp asks about the first certificate of `path`, which has its issuer second. Nothing: it
// may pass; else why not. Asks at most kMostServers, one after the other, each for a bounded time.
inline constexpr std::size_t kMostOcspServers = 4;
[[nodiscard]] Result<void> ask_ocsp(std::span<const x509::Certificate> path, const OcspRules& rules,
                                    std::span<const x509::CertificateList> crls,
                                    StatusSource* source, TimePoint now, const OnLane& on_lane);

}  // namespace chancery::access
