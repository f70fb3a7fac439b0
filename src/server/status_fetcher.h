#pragma once

#include "access/certificate_crls.h"
#include "access/mounts.h"
#include "access/status_source.h"
#include "base/log.h"
#include "record/store.h"
#include "validation/network/fetcher.h"

namespace chancery::server {

// StatusFetcher fetches what authorities elsewhere say of client certificates, under the network
// rules of validations. Thread-safe.
class StatusFetcher final : public access::StatusSource {
 public:
  explicit StatusFetcher(validation::network::Fetcher& fetcher) : fetcher_(fetcher) {}

  [[nodiscard]] Result<Bytes> crl(const std::string& url, const OnLane& on_lane) override;
  [[nodiscard]] Result<Bytes> ocsp(const std::string& url, BytesView request,
                                   const OnLane& on_lane) override;

 private:
  validation::network::Fetcher& fetcher_;
};

// CrlRefresh fetches the CRLs of certificate mounts again that came from a URL and are due. A job
// for Upkeep; one thread at a time. One that cannot be fetched is tried again after kPause.
class CrlRefresh {
 public:
  static constexpr seconds kPause{60};

  CrlRefresh(const access::Mounts& mounts, access::CertificateCrls& crls,
             record::Committer& committer, const Clock& clock, Log& log)
      : mounts_(mounts), crls_(crls), committer_(committer), clock_(clock), log_(log) {}

  void tend(const OnLane& on_lane);

 private:
  void tend(const access::Mount& mount, const OnLane& on_lane);

  const access::Mounts& mounts_;
  access::CertificateCrls& crls_;
  record::Committer& committer_;
  const Clock& clock_;
  Log& log_;
  TimePoint last_{};
};

}  // namespace chancery::server
