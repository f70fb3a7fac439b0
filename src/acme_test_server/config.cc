#include "acme_test_server/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "base/text.h"
#include "enrol/roles.h"
#include "jose/json.h"
#include "x509/general_name.h"

namespace chancery::acme_test {
namespace {

using jose::Json;
using Kind = Json::Kind;

constexpr jose::JsonLimits kLimits{std::size_t{1024} * 1024, 8, 8192, 1024};
constexpr std::int64_t kLongestValidity = 25LL * 365 * 86'400;  // the intermediates last 30 years
constexpr std::int64_t kLongestRetryAfter = 86'400;

std::unexpected<Error> bad(std::string_view key, std::string detail) {
  return std::unexpected(
      Error{Code::kInvalidArgument, std::move(detail), {}, {}}.with("key", printable(key, 128)));
}

Result<std::string> text(std::string_view key, const Json& value) {
  if (value.is(Kind::kNull)) return std::string();
  if (!value.is(Kind::kString)) return bad(key, "expected a text");
  return value.text;
}

Result<bool> flag(std::string_view key, const Json& value) {
  if (!value.is(Kind::kBool)) return bad(key, "expected true or false");
  return value.text == "true";
}

Result<std::int64_t> number(std::string_view key, const Json& value, std::int64_t most) {
  std::int64_t read = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto parsed = std::from_chars(value.text.data(), end, read);
  if (!value.is(Kind::kNumber) || parsed.ec != std::errc{} || parsed.ptr != end || read < 0 ||
      read > most)
    return bad(key, "expected a whole number from 0 to " + std::to_string(most));
  return read;
}

Result<std::uint16_t> port(std::string_view key, const Json& value) {
  const auto read = TRY(number(key, value, 65'535));
  if (read == 0) return bad(key, "expected a port from 1 to 65535");
  return static_cast<std::uint16_t>(read);
}

Result<std::vector<std::string>> texts(std::string_view key, const Json& value) {
  std::vector<std::string> out;
  if (value.is(Kind::kNull)) return out;
  if (!value.is(Kind::kArray)) return bad(key, "expected a list of texts");
  for (const Json& item : value.items) out.push_back(TRY(text(key, item)));
  return out;
}

// Field is one key of an object and what reading it does.
struct Field {
  std::string_view name;
  std::function<Result<void>(std::string_view key, const Json& value)> read;
};

// Goes through the members of an object, which stands at `path` ("pebble.retryAfter").
Result<void> read_object(std::string_view path, const Json& object,
                         const std::vector<Field>& fields, std::vector<std::string>& warnings) {
  if (!object.is(Kind::kObject)) return bad(path, "expected an object");
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : object.members) {
    const std::string key = (path.empty() ? "" : std::string(path) + ".") + printable(name, 64);
    const auto same = [&](const Field& field) { return equal_ignoring_case(field.name, name); };
    const auto field = std::ranges::find_if(fields, same);
    if (field != fields.end()) {
      if (std::ranges::find(seen, field->name) != seen.end()) return bad(key, "it stands twice");
      seen.push_back(field->name);
      TRY(field->read(key, value));
      continue;
    }
    std::vector<std::string_view> names;
    for (const Field& one : fields) names.push_back(one.name);
    if (const auto near = nearest(name, names); !near.empty())
      return bad(key, "there is no such key; did you mean \"" + std::string(near) + "\"?");
    warnings.push_back(key + " is no key of this server, and it is ignored");
  }
  return {};
}

Result<void> read_mac_keys(std::string_view path, const Json& value,
                           std::map<std::string, Bytes>& keys) {
  if (value.is(Kind::kNull)) return {};
  if (!value.is(Kind::kObject)) return bad(path, "expected an object of key identifiers and keys");
  for (const auto& [name, item] : value.members) {
    const std::string key = std::string(path) + "." + printable(name, 64);
    if (name.empty() || name.size() > 256 || printable(name, 256) != name)
      return bad(key, "a key identifier has 1 to 256 printable characters");
    const std::string encoded = TRY(text(key, item));
    const auto mac_key = parse_base64(encoded, Base64::kUrl);
    if (!mac_key) return bad(key, "expected base64url without padding");
    if (mac_key->size() < 32 || mac_key->size() > 1024)
      return bad(key, "a MAC key has 32 to 1024 octets (RFC 7518 section 3.2)");
    keys[name] = *mac_key;
  }
  return {};
}

std::vector<Field> fields_of(Profile& profile, std::vector<std::string>& warnings) {
  return {{"description",
           [&](std::string_view key, const Json& value) -> Result<void> {
             profile.description = TRY(text(key, value));
             if (profile.description.size() > 1024) return bad(key, "it is too long");
             return {};
           }},
          {"validityPeriod",
           [&](std::string_view key, const Json& value) -> Result<void> {
             const auto read = TRY(number(key, value, kLongestValidity));
             if (read == 1) return bad(key, "a certificate is valid for two seconds at least");
             if (read > 0) profile.validity = seconds{read};
             return {};
           }},
          {"promoteCommonName", [&](std::string_view key, const Json& value) -> Result<void> {
             profile.takes_common_name = TRY(flag(key, value));
             if (profile.takes_common_name) {
               warnings.push_back(std::string(key) +
                                  ": the subject has the request's common name, if it has one");
             }
             return {};
           }}};
}

Result<void> read_profiles(std::string_view path, const Json& value, Config& config,
                           std::vector<std::string>& warnings) {
  if (value.is(Kind::kNull)) return {};
  if (!value.is(Kind::kObject)) return bad(path, "expected an object of profiles by name");
  if (value.members.empty()) return {};
  config.profiles.clear();
  for (const auto& [name, item] : value.members) {
    const std::string key = std::string(path) + "." + printable(name, 64);
    if (!enrol::is_role_name(name))
      return bad(key, "a profile's name has letters, digits, '_', and '-' and '.' inside");
    Profile profile;
    profile.name = name;
    TRY(read_object(key, item, fields_of(profile, warnings), warnings));
    config.profiles.push_back(std::move(profile));
  }
  return {};
}

Result<void> read_retry_after(std::string_view path, const Json& value, Config& config,
                              std::vector<std::string>& warnings) {
  const auto into = [](seconds& place) {
    return [&place](std::string_view key, const Json& in) -> Result<void> {
      place = seconds{TRY(number(key, in, kLongestRetryAfter))};
      return {};
    };
  };
  return read_object(path, value,
                     {{"authz", into(config.retry_after_authorization)},
                      {"order", into(config.retry_after_order)}},
                     warnings);
}

Result<crypto::KeyType> read_key_algorithm(std::string_view key, const Json& value) {
  const std::string name = TRY(text(key, value));
  if (name.empty() || name == "rsa") return crypto::KeyType{crypto::KeyAlgorithm::kRsa, 2048};
  if (name == "ecdsa") return crypto::KeyType{crypto::KeyAlgorithm::kEcdsaP256, 0};
  return bad(key, "expected \"rsa\" or \"ecdsa\"");
}

Result<void> read_domains(std::string_view key, const Json& value,
                          std::vector<std::string>& domains) {
  domains = TRY(texts(key, value));
  for (std::string& domain : domains) {
    domain = to_lower(domain);
    if (domain.empty()) return bad(key, "a domain is not empty");
  }
  return {};
}

// `read` gives what a key is worth; `place` gets it.
template <class T, class Read>
Field into(std::string_view name, T& place, Read read) {
  return {name, [&place, read](std::string_view key, const Json& value) -> Result<void> {
            place = TRY(read(key, value));
            return {};
          }};
}

Result<server::Endpoint> read_listen_address(std::string_view key, const Json& value) {
  auto endpoint = parse_listen_address(TRY(text(key, value)));
  if (!endpoint) return bad(key, endpoint.error().detail);
  return endpoint;
}

Result<void> read_pebble(std::string_view path, const Json& object, Config& config,
                         std::vector<std::string>& warnings) {
  bool has_listen = false;
  const std::vector<Field> fields{
      {"listenAddress",
       [&](std::string_view key, const Json& value) -> Result<void> {
         config.listen = TRY(read_listen_address(key, value));
         has_listen = true;
         return {};
       }},
      {"managementListenAddress",
       [&](std::string_view key, const Json& value) -> Result<void> {
         if (TRY(text(key, value)).empty()) return {};
         config.management = TRY(read_listen_address(key, value));
         return {};
       }},
      into("certificate", config.certificate, text),
      into("privateKey", config.private_key, text),
      into("httpPort", config.http_port, port),
      into("tlsPort", config.tls_port, port),
      into("ocspResponderURL", config.ocsp_url, text),
      into("externalAccountBindingRequired", config.eab_required, flag),
      {"externalAccountMACKeys",
       [&](std::string_view key, const Json& value) {
         return read_mac_keys(key, value, config.eab_keys);
       }},
      {"caaIdentities",
       [&](std::string_view key, const Json& value) -> Result<void> {
         const auto names = TRY(texts(key, value));
         if (!names.empty()) config.caa_identities = names;
         return {};
       }},
      {"domainBlocklist",
       [&](std::string_view key, const Json& value) {
         return read_domains(key, value, config.blocked_domains);
       }},
      into("keyAlgorithm", config.key_type, read_key_algorithm),
      {"profiles", [&](std::string_view key,
                       const Json& value) { return read_profiles(key, value, config, warnings); }},
      {"retryAfter",
       [&](std::string_view key, const Json& value) {
         return read_retry_after(key, value, config, warnings);
       }},
      {"certificateValidityPeriod",
       [&](std::string_view key, const Json&) -> Result<void> {
         warnings.push_back(std::string(key) +
                            " is ignored, as Pebble does since it has profiles: say "
                            "profiles.<name>.validityPeriod");
         return {};
       }},
  };
  TRY(read_object(path, object, fields, warnings));
  if (!has_listen) return bad("pebble.listenAddress", "say where to listen: \"127.0.0.1:14000\"");
  if (config.certificate.empty() != config.private_key.empty())
    return bad("pebble.certificate", "certificate and privateKey go together");
  return {};
}

bool is_loopback(BytesView address) {
  if (address.size() == 4) return address[0] == 127;
  return address.size() == 16 && address[15] == 1 &&
         std::ranges::all_of(address.first(15), [](std::uint8_t one) { return one == 0; });
}

bool is_unspecified(BytesView address) {
  return std::ranges::all_of(address, [](std::uint8_t one) { return one == 0; });
}

Result<void> confine_one(std::string_view key, server::Endpoint& endpoint,
                         std::vector<std::string>& warnings) {
  const auto address = x509::parse_ip(endpoint.address);
  if (address && is_loopback(*address)) return {};
  if (address && is_unspecified(*address)) {
    endpoint.address = "127.0.0.1";
    warnings.push_back(std::string(key) +
                       ": listening on 127.0.0.1 only; --expose listens on all "
                       "addresses");
    return {};
  }
  return std::unexpected(Error{
      Code::kRefused,
      "the test server listens on the loopback interface; other machines reach it with --expose",
      {},
      {}}.with("key", key));
}

}  // namespace

Result<server::Endpoint> parse_listen_address(std::string_view text) {
  const auto fail_with = [&] {
    return fail(Code::kInvalidArgument,
                "expected an address with a port, such as 127.0.0.1:14000: " + printable(text, 64));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail_with();
  std::string_view host = text.substr(0, colon);
  if (host.empty()) host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  server::Endpoint endpoint;
  endpoint.address = std::string(host);
  const std::string_view digits = text.substr(colon + 1);
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, endpoint.port);
  if (!x509::parse_ip(host) || parsed.ec != std::errc{} || parsed.ptr != end || endpoint.port == 0)
    return fail_with();
  return endpoint;
}

Result<ReadConfig> parse_config(std::string_view json) {
  const Json document = TRY(jose::parse_json_object(json, kLimits));
  ReadConfig read;
  // What a file leaves out is off or Pebble's fallback; only those without a file have all of it.
  read.config.management.reset();
  read.config.retry_after_authorization = seconds{0};
  read.config.retry_after_order = seconds{0};
  read.config.key_type = {crypto::KeyAlgorithm::kRsa, 2048};
  bool has_pebble = false;
  TRY(read_object("", document,
                  {{"pebble",
                    [&](std::string_view key, const Json& value) {
                      has_pebble = true;
                      return read_pebble(key, value, read.config, read.warnings);
                    }}},
                  read.warnings));
  if (!has_pebble) return bad("pebble", "the file is an object with the key \"pebble\"");
  return read;
}

Result<std::vector<std::string>> confine(Config& config, bool exposed) {
  std::vector<std::string> warnings;
  if (exposed) return warnings;
  TRY(confine_one("listenAddress", config.listen, warnings));
  if (config.management) TRY(confine_one("managementListenAddress", *config.management, warnings));
  return warnings;
}

}  // namespace chancery::acme_test
