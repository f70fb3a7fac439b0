#include "server/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "base/text.h"
#include "base/time.h"
#include "os/file.h"

namespace chancery::server {
namespace {

constexpr std::size_t kMaxConfigSize = 1024 * 1024;

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    return fail(Code::kInvalidArgument, "expected a whole number from " + std::to_string(least) +
                                            " to " + std::to_string(most));
  }
  return value;
}

Result<LogLevel> parse_level(std::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  return fail(Code::kInvalidArgument, "expected debug, info, warning or error");
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "info";
}

Result<void> set_text(std::string& out, const std::vector<std::string>& values) {
  if (values.size() != 1) return fail(Code::kInvalidArgument, "expected one value");
  out = values[0];
  return {};
}

template <class T>
Result<void> set_number(T& out, const std::vector<std::string>& values, std::uint64_t least,
                        std::uint64_t most) {
  std::string text;
  TRY(set_text(text, values));
  out = static_cast<T>(TRY(parse_number(text, least, most)));
  return {};
}

Result<void> set_duration(std::chrono::seconds& out, const std::vector<std::string>& values) {
  std::string text;
  TRY(set_text(text, values));
  out = TRY(parse_duration(text));
  if (out <= seconds{0}) return fail(Code::kInvalidArgument, "expected a duration over zero");
  return {};
}

Result<void> set_endpoint(Endpoint& out, const std::vector<std::string>& values) {
  std::string text;
  TRY(set_text(text, values));
  out = TRY(parse_endpoint(text));
  return {};
}

// One row says everything about a key: how it is read, written and explained.
struct Row {
  Key key;
  std::function<Result<void>(Config&, const std::vector<std::string>&)> set;
  std::function<std::string(const Config&)> show;
};

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

std::string list(const std::vector<std::string>& values) {
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i)
    text += (i > 0 ? ", " : "") + in_quotes(values[i]);
  return text + "]";
}

constexpr bool kLive = true;

const std::vector<Row>& process_rows() {
  using Values = std::vector<std::string>;
  static const std::vector<Row> kRows{
      {{"data", "path",
        "Directory of the store and the keys. Whoever can write it can forge anything this server "
        "says; "
        "back it up, keep it at mode 0700."},
       [](Config& c, const Values& v) { return set_text(c.data, v); },
       [](const Config& c) { return in_quotes(c.data); }},
      {{"store", "sqlite | memory",
        "Where history and state are kept. memory loses everything at stop."},
       [](Config& c, const Values& v) -> Result<void> {
         TRY(set_text(c.store, v));
         if (c.store != "sqlite" && c.store != "memory")
           return fail(Code::kInvalidArgument, "expected sqlite or memory");
         return {};
       },
       [](const Config& c) { return c.store; }},
      {{"seal.passphrase_file", "path",
        "File with the passphrase that opens the keys; without it the server asks at the "
        "terminal. Not needed with a file seal (init --dev)."},
       [](Config& c, const Values& v) { return set_text(c.passphrase_file, v); },
       [](const Config& c) { return in_quotes(c.passphrase_file); }},
      {{"listeners.https", "address:port",
        "The API: TLS 1.3 and 1.2 with a certificate that the server issues to itself."},
       [](Config& c, const Values& v) { return set_endpoint(c.https, v); },
       [](const Config& c) { return in_quotes(to_string(c.https)); }},
      {{"listeners.http", "address:port",
        "Public data only: CRL, OCSP, CA certificates, health. Plain HTTP, because clients "
        "that check a certificate cannot use TLS to do it."},
       [](Config& c, const Values& v) { return set_endpoint(c.http, v); },
       [](const Config& c) { return in_quotes(to_string(c.http)); }},
      {{"tls.names", "list of text", "Names and IP addresses in the server's own certificate.",
        kLive},
       [](Config& c, const Values& v) -> Result<void> {
         if (v.empty()) return fail(Code::kInvalidArgument, "expected at least one name");
         c.names = v;
         return {};
       },
       [](const Config& c) { return list(c.names); }},
      {{"weak_keys", "list of path",
        "Files of keys that no certificate is issued for: lines as in Debian's openssl-blacklist "
        "(20 hexadecimal digits), or the SHA-256 of a SubjectPublicKeyInfo (64)."},
       [](Config& c, const Values& v) -> Result<void> {
         c.weak_keys = v;
         return {};
       },
       [](const Config& c) { return list(c.weak_keys); }},
      {{"log.level", "debug | info | warning | error", "Lines below this level are dropped.",
        kLive},
       [](Config& c, const Values& v) -> Result<void> {
         std::string text;
         TRY(set_text(text, v));
         c.log_level = TRY(parse_level(text));
         return {};
       },
       [](const Config& c) { return std::string(level_name(c.log_level)); }},
      {{"log.format", "text | json", "One line an event on standard error.", kLive},
       [](Config& c, const Values& v) -> Result<void> {
         std::string text;
         TRY(set_text(text, v));
         if (text != "text" && text != "json")
           return fail(Code::kInvalidArgument, "expected text or json");
         c.log_format = text == "json" ? LogFormat::kJson : LogFormat::kText;
         return {};
       },
       [](const Config& c) {
         return std::string(c.log_format == LogFormat::kJson ? "json" : "text");
       }},
      {{"log.access", "off | log | path",
        "One line a request: to the log above, or as JSON to a file, which SIGHUP opens anew. "
        "Without paths, queries and headers, which may hold secrets.",
        kLive},
       [](Config& c, const Values& v) { return set_text(c.access_log, v); },
       [](const Config& c) { return in_quotes(c.access_log); }},
      {{"status.crl_directory", "path",
        "Where every CRL is also written, as <issuer id>/full.crl and so on, each in one step, for "
        "a web server or CDN; empty: nowhere."},
       [](Config& c, const Values& v) { return set_text(c.crl_directory, v); },
       [](const Config& c) { return in_quotes(c.crl_directory); }},
      {{"threads.reactors", "number", "Threads that serve connections; 0 is one a core."},
       [](Config& c, const Values& v) { return set_number(c.reactors, v, 0, 1024); },
       [](const Config& c) { return std::to_string(c.reactors); }},
      {{"threads.cpu", "number", "Threads for slow key operations (RSA, ML-DSA); 0 is one a core."},
       [](Config& c, const Values& v) { return set_number(c.cpu_threads, v, 0, 1024); },
       [](const Config& c) { return std::to_string(c.cpu_threads); }},
      {{"keys_ahead", "number",
        "New RSA and ML-DSA keys of each kind that roles ask the server for, made while it has "
        "nothing else to do; 0 makes each when it is asked for."},
       [](Config& c, const Values& v) { return set_number(c.keys_ahead, v, 0, 100'000); },
       [](const Config& c) { return std::to_string(c.keys_ahead); }},
      {{"limits.max_body_bytes", "number", "Larger request bodies are refused.", kLive},
       [](Config& c, const Values& v) {
         return set_number(c.max_body_bytes, v, 1024, 64 * 1024 * 1024);
       },
       [](const Config& c) { return std::to_string(c.max_body_bytes); }},
      {{"limits.max_connections", "number",
        "For each listener; further connections are closed at once.", kLive},
       [](Config& c, const Values& v) { return set_number(c.max_connections, v, 1, 1'000'000); },
       [](const Config& c) { return std::to_string(c.max_connections); }},
      {{"limits.idle_timeout", "duration",
        "Connections without a request are closed after this time.", kLive},
       [](Config& c, const Values& v) { return set_duration(c.idle_timeout, v); },
       [](const Config& c) { return format_duration(c.idle_timeout); }},
      {{"limits.stop_grace", "duration", "How long a stop waits for requests under way.", kLive},
       [](Config& c, const Values& v) { return set_duration(c.stop_grace, v); },
       [](const Config& c) { return format_duration(c.stop_grace); }},
      {{"tracing.endpoint", "URL",
        "OpenTelemetry collector (OTLP over HTTP, JSON) such as http://127.0.0.1:4318, to which "
        "/v1/traces is added; empty: no traces."},
       [](Config& c, const Values& v) -> Result<void> {
         TRY(set_text(c.trace_endpoint, v));
         if (!c.trace_endpoint.empty() && !c.trace_endpoint.starts_with("http://") &&
             !c.trace_endpoint.starts_with("https://"))
           return fail(Code::kInvalidArgument,
                       "expected a URL that begins with http:// or https://");
         return {};
       },
       [](const Config& c) { return in_quotes(c.trace_endpoint); }},
      {{"tracing.sampled_permille", "number",
        "How many of 1000 requests are traced; a client's traceparent header decides for its "
        "own."},
       [](Config& c, const Values& v) { return set_number(c.trace_permille, v, 0, 1000); },
       [](const Config& c) { return std::to_string(c.trace_permille); }},
  };
  return kRows;
}

constexpr std::string_view kZones = "validation.zones";

std::vector<Row> validation_rows() {
  using Values = std::vector<std::string>;
  std::vector<Row> out;
  for (const ZoneKey& key : zone_keys()) {
    const std::string_view leaf = key.leaf();
    out.push_back({{key.path, key.type, key.doc},
                   [leaf](Config& c, const Values& v) {
                     return set_zone_key(c.validation.standard, leaf, v);
                   },
                   [leaf](const Config& c) { return show_standard_key(c.validation, leaf); }});
  }
  out.push_back(
      {{"validation.step_timeout", "duration",
        "For each step of a validation: a look-up, a connect, a handshake, an answer."},
       [](Config& c, const Values& v) { return set_duration(c.validation.step_timeout, v); },
       [](const Config& c) { return format_duration(c.validation.step_timeout); }});
  out.push_back({{"validation.timeout", "duration", "For a validation as a whole."},
                 [](Config& c, const Values& v) { return set_duration(c.validation.timeout, v); },
                 [](const Config& c) { return format_duration(c.validation.timeout); }});
  out.push_back({{kZones, "map of domain to keys",
                  "Other settings for the names at and below a domain: below it stand the keys of "
                  "validation but for the two time-outs. What is absent is as outside of it."},
                 [](Config&, const Values&) -> Result<void> {
                   return fail(Code::kInvalidArgument, "expected a map of domains");
                 },
                 [](const Config& c) { return show_zones(c.validation); }});
  return out;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = [] {
    std::vector<Row> all = process_rows();
    for (Row& row : validation_rows()) all.push_back(std::move(row));
    return all;
  }();
  return kRows;
}

std::unexpected<Error> key_error(const Error& error, const std::string& path, int line) {
  Error copy = error;
  return std::unexpected(std::move(copy).with("key", path).with("line", std::to_string(line + 1)));
}

// The error of a key that does not exist, with the one that was probably meant.
std::unexpected<Error> unknown_key(std::string_view word,
                                   const std::vector<std::string_view>& known,
                                   const std::string& path, int line) {
  const std::string_view near = nearest(word, known);
  std::string detail = "unknown configuration key";
  if (!near.empty()) detail += "; did you mean \"" + std::string(near) + "\"?";
  return key_error({Code::kInvalidArgument, detail, {}, {}}, path, line);
}

// A key of a zone: `path` is "validation.zones.DOMAIN.KEY".
Result<void> set_in_zone(Config& config, const std::string& path,
                         const std::vector<std::string>& values, int line) {
  const auto parts = split_zone_path(std::string_view(path).substr(kZones.size() + 1));
  if (!parts) return key_error(parts.error(), path, line);
  const auto set = set_zone_key(config.validation.zones[parts->domain], parts->leaf, values);
  if (set) return {};
  if (set.error().code != Code::kNotFound) return key_error(set.error(), path, line);
  std::vector<std::string_view> leaves;
  for (const ZoneKey& key : zone_keys()) leaves.push_back(key.leaf());
  return unknown_key(parts->leaf, leaves, path, line);
}

Result<void> set_key(Config& config, const std::string& path,
                     const std::vector<std::string>& values, int line) {
  if (path.starts_with(std::string(kZones) + ".")) return set_in_zone(config, path, values, line);
  std::vector<std::string_view> known;
  for (const Row& row : rows()) {
    if (row.key.path == path) {
      if (auto set = row.set(config, values); !set) return key_error(set.error(), path, line);
      return {};
    }
    known.push_back(row.key.path);
  }
  return unknown_key(path, known, path, line);
}

Result<std::vector<std::string>> scalars(const YAML::Node& node, const std::string& path) {
  if (node.IsScalar()) return std::vector{node.Scalar()};
  std::vector<std::string> values;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar())
      return key_error({Code::kInvalidArgument, "expected plain values in the list", {}, {}}, path,
                       item.Mark().line);
    values.push_back(item.Scalar());
  }
  return values;
}

Result<void> read_entry(Config& config, const YAML::Node& value, const std::string& path, int line,
                        std::vector<std::string>& seen) {
  if (std::ranges::find(seen, path) != seen.end())
    return key_error({Code::kMalformed, "key stands twice", {}, {}}, path, line);
  seen.push_back(path);
  const auto values = TRY(scalars(value, path));
  return set_key(config, path, values, line);
}

void read_map(ConfigCheck& check, const YAML::Node& map, const std::string& prefix,
              std::vector<std::string>& seen) {
  for (const auto& entry : map) {
    const std::string path = prefix + entry.first.Scalar();
    if (entry.second.IsMap()) {
      read_map(check, entry.second, path + ".", seen);
      continue;
    }
    auto read = read_entry(check.config, entry.second, path, entry.first.Mark().line, seen);
    if (!read) check.errors.push_back(std::move(read).error());
  }
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

void make_absolute(std::string& path, const std::string& base) {
  if (!path.empty() && path[0] != '/') path = base + "/" + path;
}

}  // namespace

const std::vector<Key>& config_keys() {
  static const std::vector<Key> kKeys = [] {
    std::vector<Key> keys;
    for (const Row& row : rows()) {
      keys.push_back(row.key);
      keys.back().default_value = row.show(Config{});
    }
    return keys;
  }();
  return kKeys;
}

std::vector<Key> changed_keys(const Config& before, const Config& after) {
  std::vector<Key> keys;
  for (const Row& row : rows()) {
    if (row.show(before) != row.show(after)) keys.push_back(row.key);
  }
  return keys;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return fail(Code::kMalformed, "expected address:port, such as 127.0.0.1:8200");
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  if (address.empty()) return fail(Code::kMalformed, "expected an address before the port");
  const auto port = parse_number(text.substr(colon + 1), 0, 65535);
  if (!port) return fail(Code::kMalformed, "expected a port from 0 to 65535");
  return Endpoint{std::string(address), static_cast<std::uint16_t>(*port)};
}

std::string to_string(const Endpoint& endpoint) {
  const bool ipv6 = endpoint.address.find(':') != std::string::npos;
  return (ipv6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" +
         std::to_string(endpoint.port);
}

ConfigCheck check_config(std::string_view yaml) {
  ConfigCheck check;
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (root.IsNull()) return check;
    if (!root.IsMap()) {
      check.errors.push_back({Code::kMalformed, "the configuration is not a map of keys", {}, {}});
      return check;
    }
    std::vector<std::string> seen;
    read_map(check, root, {}, seen);
  } catch (const YAML::Exception& exception) {
    check.errors.push_back(Error{Code::kMalformed, "not valid YAML: " + exception.msg, {}, {}}.with(
        "line", std::to_string(exception.mark.line + 1)));
  }
  return check;
}

Result<Config> parse_config(std::string_view yaml) {
  ConfigCheck check = check_config(yaml);
  if (!check.errors.empty()) return std::unexpected(std::move(check.errors.front()));
  return std::move(check.config);
}

void resolve_paths(Config& config, const std::string& directory) {
  make_absolute(config.data, directory);
  make_absolute(config.passphrase_file, directory);
  make_absolute(config.crl_directory, directory);
  for (std::string& path : config.weak_keys) make_absolute(path, directory);
  if (config.access_log != "off" && config.access_log != "log")
    make_absolute(config.access_log, directory);
}

Result<Config> load_config(const std::string& path) {
  const Bytes content = TRY(os::read_file(path, kMaxConfigSize));
  auto config = parse_config(as_text(content));
  if (!config) return std::unexpected(std::move(config).error().with("file", path));
  resolve_paths(*config, directory_of(path));
  return config;
}

std::string to_yaml(const Config& config) {
  std::string text =
      "# Configuration of the chancery server process. Authorities, roles and the like are not "
      "here:\n"
      "# they live in the store, behind the API.\n";
  std::string group;
  for (const Row& row : rows()) {
    const auto dot = row.key.path.find('.');
    const std::string parent(dot == std::string_view::npos ? "" : row.key.path.substr(0, dot));
    const std::string indent = parent.empty() ? "" : "  ";
    if (parent != group && !parent.empty()) text += "\n" + parent + ":\n";
    if (parent.empty()) text += "\n";
    group = parent;
    text += indent + "# " + std::string(row.key.doc) + "\n";
    const std::string_view leaf =
        dot == std::string_view::npos ? row.key.path : row.key.path.substr(dot + 1);
    text += indent + std::string(leaf) + ": " + row.show(config) + "\n";
  }
  return text;
}

}  // namespace chancery::server
