#include "validation/network/fetcher.h"

#include <mutex>
#include <optional>
#include <utility>

#include "base/text.h"
#include "validation/network/http_hop.h"
#include "validation/network/zones.h"
#include "x509/general_name.h"

namespace chancery::validation::network {
namespace {

class NetworkFetcher final : public Fetcher {
 public:
  NetworkFetcher(Settings settings, const Clock& clock, Log& log)
      : settings_(std::move(settings)), clock_(clock), log_(log) {}

  Result<std::string> fetch(const Fetch& wish, const OnLane&) override {
    auto url = resolve({}, wish.url);
    if (url && url->host.empty()) url = fail(Code::kInvalidArgument, "it names no host");
    if (!url) {
      return fail(Code::kInvalidArgument,
                  "\"" + printable(wish.url, 300) + "\" cannot be fetched: " + url.error().detail);
    }
    const Zones* const zones = TRY(all_zones());
    const bool address = x509::parse_ip(url->host).has_value();
    const Identifier host{address ? Identifier::Kind::kIp : Identifier::Kind::kDns, url->host};
    const Zone& zone = *zones->find({}, host);
    Trail trail(clock_);
    const Probe probe{settings_,
                      zone.settings,
                      zone.rules,
                      *zone.resolver,
                      clock_,
                      trail,
                      Deadline(settings_.timeout)};
    auto reply = run_hop(*url, {wish.content_type, wish.body, wish.most}, probe);
    if (!reply) return failed(*url, reply.error().detail);
    if (reply->head.status != 200) {
      return failed(*url, url->text() + " answers with status " +
                              std::to_string(reply->head.status) + " instead of 200.");
    }
    return std::move(reply->body);
  }

 private:
  Result<const Zones*> all_zones() {
    const std::scoped_lock lock(mutex_);
    if (!zones_) zones_.emplace(TRY(Zones::make(settings_)));
    return &*zones_;
  }

  Result<std::string> failed(const Url& url, const std::string& why) const {
    log_.warning("a page could not be fetched", {{"url", url.text()}, {"why", why}});
    return fail(Code::kUnavailable, why);
  }

  const Settings settings_;
  const Clock& clock_;
  Log& log_;
  std::mutex mutex_;
  std::optional<Zones> zones_;  // guarded by mutex_ until it is made
};

}  // namespace

std::unique_ptr<Fetcher> make_fetcher(Settings settings, const Clock& clock, Log& log) {
  return std::make_unique<NetworkFetcher>(std::move(settings), clock, log);
}

}  // namespace chancery::validation::network
