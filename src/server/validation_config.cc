#include "server/validation_config.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/text.h"
#include "base/time.h"
#include "server/config.h"
#include "x509/general_name.h"

namespace chancery::server {
namespace {

using Values = std::vector<std::string>;
using validation::network::Settings;
using validation::network::ZoneSettings;

std::unexpected<Error> invalid(std::string_view why) { return fail(Code::kInvalidArgument, why); }

Result<std::string> one(const Values& values) {
  if (values.size() != 1) return invalid("expected one value");
  return values[0];
}

Result<Values> read_resolvers(const Values& values) {
  for (const std::string& value : values) {
    const Endpoint endpoint = TRY(parse_endpoint(value));
    if (!x509::parse_ip(endpoint.address) || endpoint.port == 0)
      return invalid("expected an IP address and a port, such as 192.0.2.53:53");
  }
  return values;
}

Result<bool> read_switch(const Values& values) {
  const std::string text = TRY(one(values));
  if (text != "true" && text != "false") return invalid("expected true or false");
  return text == "true";
}

Result<Values> read_texts(const Values& values) { return values; }

Result<std::chrono::seconds> read_cache(const Values& values) {
  const std::string text = TRY(one(values));
  const std::chrono::seconds time = TRY(parse_duration(text));
  constexpr std::chrono::hours kLongest{1};
  if (time > kLongest) return invalid("expected at most one hour");
  return time;
}

Result<std::vector<x509::Cidr>> read_networks(const Values& values) {
  std::vector<x509::Cidr> out;
  for (const std::string& value : values) out.push_back(TRY(x509::Cidr::parse(value)));
  return out;
}

Result<std::uint16_t> read_port(const Values& values) {
  const std::string text = TRY(one(values));
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    return invalid("expected a port from 1 to 65535");
  return port;
}

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }
std::string show(bool value) { return value ? "true" : "false"; }
std::string show(std::uint16_t value) { return std::to_string(value); }
std::string show(std::chrono::seconds value) { return format_duration(value); }
std::string show(const Values& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + in_quotes(value);
  return "[" + text + "]";
}
std::string show(const std::vector<x509::Cidr>& networks) {
  Values texts;
  for (const x509::Cidr& network : networks) texts.push_back(network.to_string());
  return show(texts);
}

// One row says everything about a key, as in config.cc.
struct Row {
  ZoneKey key;
  std::function<Result<void>(ValidationZone&, const Values&)> set;
  std::function<std::optional<std::string>(const ValidationZone&)> show_written;
  std::function<std::string(const ZoneSettings&)> show_used;
  std::function<void(ZoneSettings&, const ValidationZone&)> use;
};

template <class T, class Read>
Row row(ZoneKey key, std::optional<T> ValidationZone::* written, T ZoneSettings::* used,
        Read read) {
  return {key,
          [=](ValidationZone& zone, const Values& values) -> Result<void> {
            zone.*written = TRY(read(values));
            return {};
          },
          [=](const ValidationZone& zone) -> std::optional<std::string> {
            if (!(zone.*written)) return std::nullopt;
            return show(*(zone.*written));
          },
          [=](const ZoneSettings& settings) { return show(settings.*used); },
          [=](ZoneSettings& settings, const ValidationZone& zone) {
            if (zone.*written) settings.*used = *(zone.*written);
          }};
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows{
      row({"validation.resolvers", "list of address:port",
           "Resolvers that are asked about the names that clients want certificates for; without "
           "any, the name servers of the public tree, from the root down."},
          &ValidationZone::resolvers, &ZoneSettings::resolvers, read_resolvers),
      row({"validation.dnssec", "true | false",
           "Answers are validated by DNSSEC: a forged one is a failure. Off only for private zones "
           "without signatures."},
          &ValidationZone::dnssec, &ZoneSettings::dnssec, read_switch),
      row({"validation.trust_anchors", "list of text",
           "DS or DNSKEY records, such as corp.example. IN DS 1 13 2 …; without any, the "
           "keys of the public root."},
          &ValidationZone::trust_anchors, &ZoneSettings::trust_anchors, read_texts),
      row({"validation.dns_cache", "duration",
           "How long an answer may be remembered. With resolvers of your own 0 is right; without, "
           "a minute spares the public servers."},
          &ValidationZone::dns_cache, &ZoneSettings::dns_cache, read_cache),
      row({"validation.allow", "list of network",
           "Networks that are connected to although they are denied or never public (loopback, "
           "link-local, multicast, metadata services)."},
          &ValidationZone::allow, &ZoneSettings::allow, read_networks),
      row({"validation.deny", "list of network", "Networks that are not connected to."},
          &ValidationZone::deny, &ZoneSettings::deny, read_networks),
      row({"validation.http_port", "number", "Where http-01 connects to."},
          &ValidationZone::http_port, &ZoneSettings::http_port, read_port),
      row({"validation.tls_port", "number",
           "Where tls-alpn-01 connects to, and redirects to https."},
          &ValidationZone::tls_port, &ZoneSettings::tls_port, read_port),
  };
  return kRows;
}

Result<const Row*> row_of(std::string_view leaf) {
  for (const Row& row : rows()) {
    if (row.key.leaf() == leaf) return &row;
  }
  return fail(Code::kNotFound, "no key of a zone");
}

ZoneSettings with(ZoneSettings settings, const ValidationZone& zone) {
  for (const Row& row : rows()) row.use(settings, zone);
  return settings;
}

bool is_domain(std::string_view domain) {
  return !domain.empty() && domain.size() <= 253 &&
         std::ranges::all_of(split(domain, '.'), [](std::string_view label) {
           return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
           });
         });
}

std::string show_zone(const ValidationZone& zone) {
  std::string text;
  for (const Row& row : rows()) {
    if (const auto value = row.show_written(zone))
      text += (text.empty() ? "" : ", ") + std::string(row.key.leaf()) + ": " + *value;
  }
  return "{" + text + "}";
}

}  // namespace

Settings settings_of(const ValidationConfig& config) {
  Settings settings;
  settings.standard = with({}, config.standard);
  for (const auto& [domain, zone] : config.zones)
    settings.zones.emplace(domain, with(settings.standard, zone));
  settings.step_timeout = config.step_timeout;
  settings.timeout = config.timeout;
  return settings;
}

const std::vector<ZoneKey>& zone_keys() {
  static const std::vector<ZoneKey> kKeys = [] {
    std::vector<ZoneKey> keys;
    for (const Row& row : rows()) keys.push_back(row.key);
    return keys;
  }();
  return kKeys;
}

Result<void> set_zone_key(ValidationZone& zone, std::string_view leaf, const Values& values) {
  const Row* const row = TRY(row_of(leaf));
  return row->set(zone, values);
}

std::optional<std::string> show_zone_key(const ValidationZone& zone, std::string_view leaf) {
  const auto row = row_of(leaf);
  return row ? (*row)->show_written(zone) : std::nullopt;
}

std::string show_standard_key(const ValidationConfig& config, std::string_view leaf) {
  const auto row = row_of(leaf);
  return row ? (*row)->show_used(with({}, config.standard)) : "";
}

Result<ZonePath> split_zone_path(std::string_view path) {
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos) return invalid("expected a map of a zone's keys");
  std::string domain = to_lower(path.substr(0, dot));
  if (domain.ends_with('.')) domain.pop_back();
  if (!is_domain(domain)) return invalid("a zone's name is a domain such as corp.example");
  return ZonePath{std::move(domain), std::string(path.substr(dot + 1))};
}

std::string show_zones(const ValidationConfig& config) {
  std::string text;
  for (const auto& [domain, zone] : config.zones)
    text += (text.empty() ? "" : ", ") + in_quotes(domain) + ": " + show_zone(zone);
  return "{" + text + "}";
}

}  // namespace chancery::server
