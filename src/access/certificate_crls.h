#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/rows.h"
#include "access/status_source.h"
#include "x509/crl.h"

namespace chancery::access {

// CertificateCrl is a CRL that logins by certificate are held against.
struct CertificateCrl {
  static constexpr std::int64_t kVersion = 1;
  static constexpr auto kKind = record::StateKind::kCertificateCrl;
  static constexpr auto kWritten = record::EventKind::kCertificateCrlWritten;
  static constexpr auto kDeleted = record::EventKind::kCertificateCrlDeleted;

  std::string url;  // where the next one comes from; empty: it was sent along
  Bytes list;       // DER

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit(self.url);
    visit(self.list);
  }
};

// CertificateCrls keeps the CRLs of all certificate mounts. Thread-safe. Make it before the store's
// first commit.
class CertificateCrls {
 public:
  static constexpr std::size_t kMost = 100;  // in a mount
  static constexpr std::size_t kMaxSize = std::size_t{1024} * 1024;

  CertificateCrls(record::Store& store, const Clock& clock)
      : clock_(clock), rows_(store, clock, kCached) {}

  [[nodiscard]] Rows<CertificateCrl>& rows() { return rows_; }
  // use gives what fetches; before the first request. Without it nothing is fetched.
  void use(StatusSource& source) { source_ = &source; }
  [[nodiscard]] StatusSource* source() const { return source_; }

  // put stages a CRL, in PEM or DER; fetch one that comes from a URL and is fetched again when it
  // is due. A delta CRL and one without nextUpdate are refused. Errors: kInvalidArgument.
  [[nodiscard]] Result<record::Staged<CertificateCrl>> put(const Grant& grant,
                                                           const record::Scope& scope,
                                                           std::string_view name,
                                                           std::string_view text,
                                                           std::string_view request_id);
  [[nodiscard]] Result<record::Staged<CertificateCrl>> fetch(
      const Grant& grant, const record::Scope& scope, std::string_view name, const std::string& url,
      std::string_view request_id, const OnLane& on_lane);

  // all gives the CRLs of a mount. Reads long: not on a reactor.
  [[nodiscard]] Result<std::vector<x509::CertificateList>> all(const record::Scope& scope);

  // due finds the CRLs of a mount that are to be fetched again. Reads long.
  struct Due {
    std::string name;
    std::string url;
  };
  [[nodiscard]] Result<std::vector<Due>> due(const record::Scope& scope);

 private:
  static constexpr std::size_t kCached = 32;
  [[nodiscard]] Result<record::Staged<CertificateCrl>> stage(const Grant& grant,
                                                             const record::Scope& scope,
                                                             std::string_view name,
                                                             CertificateCrl crl,
                                                             std::string_view request_id);

  const Clock& clock_;
  Rows<CertificateCrl> rows_;
  StatusSource* source_ = nullptr;
};

}  // namespace chancery::access
