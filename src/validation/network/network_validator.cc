#include "validation/network/network_validator.h"

#include <array>
#include <map>
#include <utility>

#include "validation/network/caa.h"
#include "validation/network/dns_methods.h"
#include "validation/network/http_01.h"
#include "validation/network/probe.h"
#include "validation/network/tls_alpn_01.h"
#include "validation/network/zones.h"

namespace chancery::validation::network {
namespace {

constexpr std::array kMethods{Method::kHttp01, Method::kDns01, Method::kTlsAlpn01,
                              Method::kDnsAccount01, Method::kDnsPersist01};
constexpr std::array<std::pair<Problem, std::string_view>, 8> kResults{{
    {Problem::kNone, "ok"},
    {Problem::kConnection, "connection"},
    {Problem::kDns, "dns"},
    {Problem::kTls, "tls"},
    {Problem::kUnauthorized, "unauthorized"},
    {Problem::kIncorrectResponse, "incorrect_response"},
    {Problem::kCaa, "caa"},
    {Problem::kServerInternal, "server_internal"},
}};

// Figures counts attempts of one kind and how long they take.
class Figures {
 public:
  Figures(Metrics& metrics, std::string_view what)
      : seconds_(metrics.histogram("chancery_validation_seconds",
                                   "How long attempts to validate, and CAA checks, took",
                                   label("method", what))) {
    for (const auto& [problem, text] : kResults) {
      counters_.emplace(problem,
                        &metrics.counter("chancery_validation_attempts",
                                         "Attempts to validate, and CAA checks, by their result",
                                         label("method", what) + "," + label("result", text)));
    }
  }
  void count(Problem problem, std::chrono::microseconds took) const {
    counters_.at(problem)->add();
    seconds_.observe(static_cast<std::uint64_t>(took.count()));
  }

 private:
  static std::string label(std::string_view key, std::string_view value) {
    return std::string(key) + "=\"" + std::string(value) + "\"";
  }
  Histogram& seconds_;
  std::map<Problem, Counter*> counters_;
};

Outcome run(const Attempt& attempt, const Probe& probe) {
  switch (attempt.method) {
    case Method::kHttp01:
      return http_01(attempt, probe);
    case Method::kDns01:
      return dns_01(attempt, probe);
    case Method::kTlsAlpn01:
      return tls_alpn_01(attempt, probe);
    case Method::kDnsAccount01:
      return dns_account_01(attempt, probe);
    case Method::kDnsPersist01:
      return dns_persist_01(attempt, probe);
  }
  return outcome_of({Problem::kServerInternal, "this method is not known here", false});
}

// RFC 8555 section 8 and RFC 8738 section 7: which method suits what.
std::string_view misfit(const Attempt& attempt) {
  const bool by_dns = attempt.method != Method::kHttp01 && attempt.method != Method::kTlsAlpn01;
  if (attempt.identifier.kind == Identifier::Kind::kIp && by_dns)
    return "an IP address cannot be validated in DNS";
  if (attempt.wildcard && !by_dns) return "a wildcard name can only be validated in DNS";
  return {};
}

class NetworkValidator final : public Validator {
 public:
  NetworkValidator(Settings settings, Zones zones, const Clock& clock, Metrics& metrics)
      : settings_(std::move(settings)),
        zones_(std::move(zones)),
        clock_(clock),
        caa_figures_(metrics, "caa") {
    for (const Method method : kMethods) figures_.emplace(method, Figures(metrics, name(method)));
  }

  Outcome validate(const Attempt& attempt, const OnLane&) override {
    if (const auto why = validation::network::misfit(attempt); !why.empty())
      return outcome_of({Problem::kServerInternal, std::string(why), false});
    const auto figures = figures_.find(attempt.method);
    if (figures == figures_.end())
      return outcome_of({Problem::kServerInternal, "this method is not known here", false});
    return probe(attempt.zone, attempt.identifier, figures->second,
                 [&](const Probe& with) { return run(attempt, with); });
  }

  Outcome check_caa(const CaaQuestion& question, const OnLane&) override {
    return probe(question.zone, {Identifier::Kind::kDns, question.name}, caa_figures_,
                 [&](const Probe& with) { return network::check_caa(question, with); });
  }

 private:
  template <class Work>
  Outcome probe(const std::string& zone_name, const Identifier& identifier, const Figures& figures,
                Work work) const {
    const auto began = Deadline::Clock::now();
    Trail trail(clock_);
    const Zone* const zone = zones_.find(zone_name, identifier);
    Outcome outcome =
        zone == nullptr
            ? outcome_of({Problem::kServerInternal,
                          "there is no zone \"" + zone_name + "\" in validation.zones", false})
            : work(Probe{settings_, zone->settings, zone->rules, *zone->resolver, clock_, trail,
                         Deadline(settings_.timeout)});
    outcome.observations = trail.take();
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(Deadline::Clock::now() - began);
    figures.count(outcome.problem, took);
    return outcome;
  }

  Settings settings_;
  Zones zones_;
  const Clock& clock_;
  std::map<Method, Figures> figures_;
  Figures caa_figures_;
};

}  // namespace

Result<std::unique_ptr<Validator>> make_validator(Settings settings, const Clock& clock,
                                                  Metrics& metrics) {
  Zones zones = TRY(Zones::make(settings));
  return std::make_unique<NetworkValidator>(std::move(settings), std::move(zones), clock, metrics);
}

}  // namespace chancery::validation::network
