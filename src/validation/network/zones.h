#pragma once

#include <map>
#include <memory>
#include <string>

#include "validation/network/address_rules.h"
#include "validation/network/resolver.h"
#include "validation/network/settings.h"
#include "validation/validation.h"

namespace chancery::validation::network {

// Zone is what one set of settings needs.
struct Zone {
  ZoneSettings settings;
  AddressRules rules;
  std::unique_ptr<Resolver> resolver;
};

// Zones are all of them. Immutable; thread-safe.
class Zones {
 public:
  // make errors: kInvalidArgument (a resolver's address, a trust anchor), kInternal.
  [[nodiscard]] static Result<Zones> make(const Settings& settings);

  // find gives the zone that is named, else the closest above the identifier, else the standard.
  // Null when the zone is named and unknown.
  [[nodiscard]] const Zone* find(const std::string& named, const Identifier& identifier) const;

 private:
  Zones(Zone standard, std::map<std::string, Zone> zones)
      : standard_(std::move(standard)), zones_(std::move(zones)) {}

  Zone standard_;
  std::map<std::string, Zone> zones_;  // by domain
};

}  // namespace chancery::validation::network
