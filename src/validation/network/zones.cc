#include "validation/network/zones.h"

#include <string_view>
#include <utility>

namespace chancery::validation::network {
namespace {

Result<Zone> make_zone(const ZoneSettings& settings) {
  auto resolver = TRY(make_resolver(settings));
  return Zone{settings, AddressRules(settings.allow, settings.deny), std::move(resolver)};
}

}  // namespace

Result<Zones> Zones::make(const Settings& settings) {
  Zone standard = TRY(make_zone(settings.standard));
  std::map<std::string, Zone> zones;
  for (const auto& [domain, zone] : settings.zones) {
    auto made = make_zone(zone);
    if (!made) return std::unexpected(std::move(made).error().with("zone", domain));
    zones.emplace(domain, std::move(*made));
  }
  return Zones(std::move(standard), std::move(zones));
}

const Zone* Zones::find(const std::string& named, const Identifier& identifier) const {
  if (!named.empty()) {
    const auto found = zones_.find(named);
    return found == zones_.end() ? nullptr : &found->second;
  }
  if (identifier.kind == Identifier::Kind::kIp) return &standard_;
  for (std::string_view domain = identifier.value; !domain.empty();) {
    if (const auto found = zones_.find(std::string(domain)); found != zones_.end())
      return &found->second;
    const auto dot = domain.find('.');
    domain = dot == std::string_view::npos ? std::string_view{} : domain.substr(dot + 1);
  }
  return &standard_;
}

}  // namespace chancery::validation::network
