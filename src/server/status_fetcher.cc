#include "server/status_fetcher.h"

namespace chancery::server {
namespace {

constexpr std::size_t kMostOcsp = std::size_t{64} * 1024;

Result<Bytes> fetch(validation::network::Fetcher& fetcher, const validation::network::Fetch& wish,
                    const OnLane& on_lane) {
  const std::string body = TRY(fetcher.fetch(wish, on_lane));
  return to_bytes(as_bytes(body));
}

}  // namespace

Result<Bytes> StatusFetcher::crl(const std::string& url, const OnLane& on_lane) {
  return fetch(fetcher_, {url, {}, {}, access::CertificateCrls::kMaxSize}, on_lane);
}

Result<Bytes> StatusFetcher::ocsp(const std::string& url, BytesView request,
                                  const OnLane& on_lane) {
  return fetch(fetcher_,
               {url, "application/ocsp-request", std::string(as_text(request)), kMostOcsp},
               on_lane);
}

void CrlRefresh::tend(const OnLane& on_lane) {
  const TimePoint now = clock_.now();
  // A clock that was put back begins a round as well.
  if (now >= last_ && now < last_ + kPause) return;
  last_ = now;
  const auto mounts = mounts_.list(access::MountKind::kAuth);
  for (const auto& mount : mounts) {
    if (mount->type == "cert") tend(*mount, on_lane);
  }
}

void CrlRefresh::tend(const access::Mount& mount, const OnLane& on_lane) {
  const auto due = crls_.due(mount.scope());
  if (!due) {
    log_.warning("the CRLs of a certificate mount cannot be read",
                 {{"mount", mount.full_path()}, {"error", due.error().to_string()}});
    return;
  }
  for (const auto& one : *due) {
    auto staged = crls_.fetch(access::system_grant(mount.scope()), mount.scope(), one.name, one.url,
                              {}, on_lane);
    // Whom it lists stays revoked meanwhile.
    if (!staged) {
      log_.warning(
          "a CRL that is due was not fetched",
          {{"mount", mount.full_path()}, {"crl", one.name}, {"error", staged.error().to_string()}});
      continue;
    }
    // Nobody waits: what is not written now is due again the next time.
    static_cast<void>(staged->submit(committer_));
  }
}

}  // namespace chancery::server
