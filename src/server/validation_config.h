#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "validation/network/settings.h"
#include "x509/cidr.h"

// The keys below `validation` in the configuration file. Those of a zone stand below
// `validation.zones.<domain>` and, where one is absent, are as they are outside of all zones.
namespace chancery::server {

// ValidationZone is one zone as it is written: what is not written is as in the standard.
struct ValidationZone {
  std::optional<std::vector<std::string>> resolvers;
  std::optional<bool> dnssec;
  std::optional<std::vector<std::string>> trust_anchors;
  std::optional<std::chrono::seconds> dns_cache;
  std::optional<std::vector<x509::Cidr>> allow;
  std::optional<std::vector<x509::Cidr>> deny;
  std::optional<std::uint16_t> http_port;
  std::optional<std::uint16_t> tls_port;
};

struct ValidationConfig {
  ValidationZone standard;
  std::map<std::string, ValidationZone> zones;
  std::chrono::seconds step_timeout{5};
  std::chrono::seconds timeout{20};
};

// settings_of fills in what is not written.
[[nodiscard]] validation::network::Settings settings_of(const ValidationConfig& config);

// ZoneKey is one key of the standard, and of a zone under the last part of its path.
struct ZoneKey {
  std::string_view path;  // "validation.resolvers"
  std::string_view type;
  std::string_view doc;

  [[nodiscard]] std::string_view leaf() const { return path.substr(path.find('.') + 1); }
};
[[nodiscard]] const std::vector<ZoneKey>& zone_keys();

// set_zone_key sets one by its leaf. Errors: kInvalidArgument, kMalformed (the value), kNotFound
// (the leaf).
[[nodiscard]] Result<void> set_zone_key(ValidationZone& zone, std::string_view leaf,
                                        const std::vector<std::string>& values);
// show_zone_key writes the value as YAML, or nothing where none is written.
[[nodiscard]] std::optional<std::string> show_zone_key(const ValidationZone& zone,
                                                       std::string_view leaf);
// show_standard_key writes the standard's value, or the default where none is written.
[[nodiscard]] std::string show_standard_key(const ValidationConfig& config, std::string_view leaf);

// split_zone_path takes "corp.example.resolvers" (what stands behind "validation.zones.") apart.
// Errors: kInvalidArgument (the domain is none).
struct ZonePath {
  std::string domain;  // lower case, no final dot
  std::string leaf;
};
[[nodiscard]] Result<ZonePath> split_zone_path(std::string_view path);

// show_zones writes all zones as one YAML value.
[[nodiscard]] std::string show_zones(const ValidationConfig& config);

}  // namespace chancery::server
