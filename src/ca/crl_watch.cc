#include "ca/crl_watch.h"

#include <algorithm>
#include <set>

#include "asn1/reader.h"
#include "record/state_cache.h"
#include "x509/ocsp.h"

namespace chancery::ca {
namespace {

// The next look comes so much later: what is due by then is made now.
constexpr seconds kTurn{1};

// verifies says whether a CRL is signed by the key. It does not look at the entries.
bool verifies(BytesView der, const crypto::PublicKey& key) {
  const auto check = [&]() -> Result<void> {
    asn1::Reader document(der);
    asn1::Reader list = TRY(document.enter_sequence());
    const BytesView tbs = TRY(list.read_whole(asn1::kSequence));
    const BytesView algorithm = TRY(list.read_whole(asn1::kSequence));
    const auto scheme = TRY(crypto::parse_algorithm_identifier(algorithm));
    return key.verify(scheme, tbs, TRY(list.read_bit_string()).bytes);
  };
  return check().has_value();
}

std::string scope_name(const record::Scope& scope) { return scope.tenant + '\0' + scope.mount; }

std::vector<CrlName> names_of(const Authority& signer, const StatusSettings& settings) {
  std::vector<CrlName> names{CrlKind::kComplete};
  if (signer.signer() == nullptr) return names;
  if (settings.delta_enabled) names.emplace_back(CrlKind::kDelta);
  const auto& deltas = signer.status().delta_crl_urls;
  std::set<unsigned> done;
  for (const std::string& url : signer.status().crl_urls) {
    const unsigned count = shards_in(url);
    if (count == 0 || count > settings.crl_shards || !done.insert(count).second) continue;
    const bool has_deltas =
        settings.delta_enabled && std::ranges::find(deltas, count, shards_in) != deltas.end();
    for (unsigned index = 0; index < count; ++index) {
      names.emplace_back(CrlKind::kComplete, Shard{count, index});
      if (has_deltas) names.emplace_back(CrlKind::kDelta, Shard{count, index});
    }
  }
  return names;
}

std::string describe(const CrlReport& report) {
  const std::string& label = report.authority->record().name.empty()
                                 ? report.authority->id()
                                 : report.authority->record().name;
  return "CRL \"" + file_name(report.name) + "\" of issuer " + label + ": " + report.reason;
}

}  // namespace

std::string_view name(StatusHealth health) {
  switch (health) {
    case StatusHealth::kOk:
      return "ok";
    case StatusHealth::kDue:
      return "due";
    case StatusHealth::kExpired:
      return "expired";
    case StatusHealth::kBadSignature:
      return "bad_signature";
    case StatusHealth::kMissing:
      return "missing";
  }
  return "missing";
}

std::string file_name(const CrlName& name) {
  const bool delta = name.kind == CrlKind::kDelta;
  if (name.shard.whole()) return delta ? "delta" : "full";
  return to_string(name.shard) + (delta ? "-delta" : "");
}

std::optional<CrlName> crl_name(std::string_view file) {
  if (file == "full") return CrlName{CrlKind::kComplete};
  if (file == "delta") return CrlName{CrlKind::kDelta};
  constexpr std::string_view kDelta = "-delta";
  const bool delta = file.ends_with(kDelta);
  if (delta) file.remove_suffix(kDelta.size());
  const auto shard = parse_shard(file);
  if (!shard) return std::nullopt;
  return CrlName{delta ? CrlKind::kDelta : CrlKind::kComplete, *shard};
}

bool CrlWatch::may_wait(const std::shared_ptr<const Authority>& authority, const CrlName& name,
                        const Seen& seen, seconds publish_within) {
  if (!seen.crl) return false;
  const auto outdated = service_.is_outdated(authority, name);
  if (!outdated || !*outdated) return false;
  // A clock that was set back must not make the wait longer.
  const TimePoint made = seen.crl->this_update;
  const TimePoint now = clock_.now();
  return made <= now && now + kTurn < made + publish_within;
}

CrlReport CrlWatch::report(const std::shared_ptr<const Authority>& authority, const CrlName& name,
                           bool waits, const OnLane& on_lane) {
  CrlReport report{authority, name, nullptr, StatusHealth::kMissing, {}};
  const std::string key =
      record::cache_key(crl_key(authority->scope(), authority->status().id)) + file_name(name);
  Seen seen;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = seen_.find(key); it != seen_.end()) seen = it->second;
  }
  const auto settings = service_.status_settings().find_for(*authority);
  const seconds within = settings ? settings->publish_within.value : seconds{0};
  if (!waits || !may_wait(authority, name, seen, within)) {
    auto published = service_.published_crl(authority, name, &on_lane);
    if (!published) {
      report.reason = published.error().detail;
      return report;
    }
    if (*published != seen.crl) {
      seen.crl = *std::move(published);
      seen.signature_ok = verifies(seen.crl->der.view(), authority->public_key());
      const std::scoped_lock lock(mutex_);
      seen_[key] = seen;
    }
  }
  report.crl = seen.crl;
  const TimePoint now = clock_.now();
  const TimePoint end = seen.crl->next_update;
  report.health = StatusHealth::kOk;
  if (!seen.signature_ok) {
    report.health = StatusHealth::kBadSignature;
    report.reason = "it is not signed by the authority's key";
  } else if (now >= end) {
    report.health = StatusHealth::kExpired;
    report.reason = "it expired at " + rfc3339(end);
  } else if (end - now < (end - seen.crl->this_update) / 10) {
    report.health = StatusHealth::kDue;
    report.reason = "it expires at " + rfc3339(end) + " and there is no new one";
  }
  return report;
}

Result<std::vector<CrlReport>> CrlWatch::go_through(const record::Scope& scope, bool waits,
                                                    const OnLane& on_lane) {
  std::vector<CrlReport> reports;
  const auto authorities = TRY(service_.authorities(scope));
  const TimePoint now = clock_.now();
  for (const auto& authority : authorities) {
    // All that it signed has expired with it. Until then it publishes, whoever took its place.
    if (authority->certificate().not_after() < now) continue;
    const auto signer = TRY(service_.status_signer_of(authority));
    if (signer->signer() != nullptr && !signer->may(Usage::kCrlSigning)) continue;
    const StatusSettings settings = TRY(service_.status_settings().find_for(*signer));
    if (waits && settings.publish_within.value.count() == 0) continue;
    for (const CrlName& name : names_of(*signer, settings))
      reports.push_back(report(authority, name, waits, on_lane));
  }
  return reports;
}

Result<std::vector<CrlReport>> CrlWatch::tend(const record::Scope& scope, const OnLane& on_lane) {
  auto reports = TRY(go_through(scope, true, on_lane));
  std::vector<std::string> problems;
  for (const CrlReport& each : reports) {
    if (each.health != StatusHealth::kOk) problems.push_back(describe(each));
  }
  const std::scoped_lock lock(mutex_);
  problems_[scope_name(scope)] = std::move(problems);
  return reports;
}

Result<std::vector<CrlReport>> CrlWatch::look(const record::Scope& scope, const OnLane& on_lane) {
  return go_through(scope, false, on_lane);
}

Result<std::vector<ResponderReport>> CrlWatch::responders(const record::Scope& scope) {
  std::vector<ResponderReport> reports;
  const auto authorities = TRY(service_.authorities(scope));
  for (const auto& authority : authorities) {
    if (authority->signer() == nullptr || !authority->may(Usage::kOcspSigning)) continue;
    if (TRY(service_.status_settings().find_for(*authority)).ocsp_disabled) continue;
    const x509::Certificate& certificate = authority->certificate();
    const Bytes id = x509::encode_cert_id(crypto::DigestAlgorithm::kSha256, certificate.subject(),
                                          authority->public_key(), certificate.serial());
    const OcspAnswer answer =
        service_.ocsp(scope, x509::encode_ocsp_request(std::span(&id, 1), {}), true);
    ResponderReport report{authority, StatusHealth::kOk, {}};
    if (answer.status != x509::OcspStatus::kSuccessful) {
      report.health = StatusHealth::kMissing;
      report.reason = "it answers " + std::string(x509::name(answer.status));
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

std::vector<std::string> CrlWatch::problems(const record::Scope& scope) const {
  const std::scoped_lock lock(mutex_);
  const auto it = problems_.find(scope_name(scope));
  return it == problems_.end() ? std::vector<std::string>{} : it->second;
}

}  // namespace chancery::ca
