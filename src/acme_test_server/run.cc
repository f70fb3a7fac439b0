#include "acme_test_server/run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "acme_test_server/assembly.h"
#include "acme_test_server/resolvers.h"
#include "base/stderr_log.h"
#include "cli/report.h"
#include "crypto/system_random.h"
#include "http/access_log.h"
#include "http/server.h"
#include "net/tls.h"
#include "os/file.h"
#include "server/committer_hints.h"
#include "server/lane_background.h"
#include "server/signals.h"
#include "server/tls_identity.h"
#include "server/upkeep.h"
#include "validation/network/network_validator.h"

namespace chancery::acme_test {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1024} * 1024;
// Clients wait for what upkeep finds due.
constexpr std::chrono::milliseconds kUpkeep{250};
constexpr std::chrono::milliseconds kStopGrace{5000};
// Many of them sleep on purpose.
constexpr unsigned kOutboundThreads = 64;

constexpr const char* kWarning =
    "FOR TESTS ONLY: this server forgets everything when it ends, shows its private keys to "
    "whoever "
    "asks, and may issue without any check; never trust its roots outside of tests";

Result<Config> read_config(const cli::AcmeTestServerOptions& options) {
  Config config;
  if (!options.config.empty()) {
    const Bytes text = TRY(os::read_file(options.config, kMaxFile));
    auto read = parse_config(as_text(text));
    if (!read) return std::unexpected(std::move(read).error().with("file", options.config));
    for (const std::string& warning : read->warnings) cli::warn(options.config + ": " + warning);
    config = std::move(read->config);
  }
  const auto confined = TRY(confine(config, options.expose));
  for (const std::string& warning : confined) cli::warn(warning);
  return config;
}

Result<validation::network::Settings> validation_settings(
    const Config& config, const cli::AcmeTestServerOptions& options) {
  validation::network::Settings settings;
  auto& standard = settings.standard;
  if (options.dns_server.empty()) {
    standard.resolvers = TRY(system_resolvers());
  } else {
    standard.resolvers.push_back(TRY(resolver_of(options.dns_server)));
  }
  standard.dnssec = false;
  standard.allow = {TRY(x509::Cidr::parse("127.0.0.0/8")), TRY(x509::Cidr::parse("::1/128"))};
  standard.http_port = config.http_port;
  standard.tls_port = config.tls_port;
  settings.timeout = std::chrono::seconds{15};
  settings.user_agent = "chancery-acme-test-server";
  return settings;
}

// Identity is what the listeners show: the files of the configuration, or a certificate of the
// server's own root.
class Identity {
 public:
  Identity(Assembly& assembly, const Clock& clock, Metrics& metrics, Log& log)
      : own_(assembly.ca(), clock, metrics, log) {}

  Result<void> open(const Config& config) {
    if (!config.certificate.empty()) {
      context_ = TRY(from_files(config));
      return {};
    }
    std::vector<std::string> names{"localhost", "pebble", "127.0.0.1", "::1"};
    const auto known = std::ranges::find(names, config.listen.address);
    if (known == names.end() && config.listen.address != "0.0.0.0" && config.listen.address != "::")
      names.push_back(config.listen.address);
    auto made = TRY(own_.make(names));
    TRY(own_.install(std::move(made)));
    context_ = own_.context();
    return {};
  }
  [[nodiscard]] std::shared_ptr<net::TlsServerContext> context() const { return context_; }

 private:
  static Result<std::shared_ptr<net::TlsServerContext>> from_files(const Config& config) {
    net::TlsServerOptions tls;
    const Bytes chain = TRY(os::read_file(config.certificate, kMaxFile));
    const auto certificates = TRY(x509::Certificate::all_from_pem(as_text(chain)));
    for (const auto& certificate : certificates) tls.chain.push_back(to_bytes(certificate.der()));
    const SecretBytes pem = TRY(os::read_secret_file(config.private_key, kMaxFile));
    const auto key = TRY(crypto::PrivateKey::from_pem(as_text(pem.view())));
    tls.private_key = TRY(key.to_pkcs8());
    return net::TlsServerContext::create(tls);
  }

  server::OwnCertificate own_;
  std::shared_ptr<net::TlsServerContext> context_;
};

http::ServerOptions server_options(const Config& config, const Identity& identity,
                                   const http::Site& acme, const http::Site& management) {
  http::ServerOptions options;
  options.reactors = 2;
  options.cpu.threads = 2;
  options.outbound.threads = kOutboundThreads;
  options.outbound.max_queued = 4096;
  options.listeners.push_back(
      {config.listen.address, config.listen.port, identity.context(), &acme, {}, -1});
  if (config.management) {
    options.listeners.push_back({config.management->address,
                                 config.management->port,
                                 identity.context(),
                                 &management,
                                 {},
                                 -1});
  }
  return options;
}

void announce(const Config& config, const Assembly& assembly) {
  const std::string acme = "https://" + server::to_string(config.listen);
  std::string text = "ACME directory  " + acme + "/dir\n";
  if (config.management) {
    const std::string base = "https://" + server::to_string(*config.management);
    text += "management      " + base + "/faults\n";
    for (std::size_t i = 0; i < assembly.chains().size(); ++i)
      text += "root            " + base + "/roots/" + std::to_string(i) + "\n";
  } else {
    text += "management      off\n";
  }
  cli::print(text);
  std::fflush(stdout);  // whoever waits for it may read a file
}

Result<void> serve(const cli::AcmeTestServerOptions& options) {
  const server::Signals signals;
  const Environment environment =
      TRY(read_environment([](const char* name) { return std::getenv(name); }));
  const Config config = TRY(read_config(options));
  cli::warn(kWarning);
  const auto log = make_stderr_log(LogFormat::kText, LogLevel::kInfo);
  const SystemClock clock;
  crypto::SystemRandom random;
  Metrics metrics;
  auto settings = TRY(validation_settings(config, options));
  const auto network =
      TRY(validation::network::make_validator(std::move(settings), clock, metrics));
  server::LaneBackground background;
  const auto assembly = TRY(Assembly::make(
      {config, environment, options.strict, *network, background, clock, random, metrics, *log}));
  http::Site acme;
  for (const char* path : {"/acme", "/dir", "/terms"}) acme.mount(path, assembly->front());
  http::Site management;
  management.mount("/", assembly->management());

  Identity identity(*assembly, clock, metrics, *log);
  TRY(identity.open(config));
  server::CommitterHints hints(assembly->store().committer());
  const auto access_log = http::make_access_log(metrics, *log);
  auto server_settings = server_options(config, identity, acme, management);
  server_settings.access_log = access_log.get();
  http::Server server(std::move(server_settings), hints, random, metrics, *log);
  TRY(server.start());
  background.open(server);
  server::Upkeep upkeep(kUpkeep);
  upkeep.add([&] { assembly->tend(); });
  upkeep.start();
  if (!options.root_file.empty()) {
    const std::string root = assembly->chains().front().root.to_pem();
    TRY(os::write_file(options.root_file, as_bytes(root), os::kPublicFile));
  }
  announce(config, *assembly);
  while (signals.wait() == SIGHUP) {
    // There is nothing to read anew.
  }
  assembly->stop_waiting();
  upkeep.stop();
  background.close();
  server.stop(kStopGrace);
  return {};
}

}  // namespace

cli::Exit run_test_server(const cli::AcmeTestServerOptions& options) {
  const auto served = serve(options);
  return served ? cli::Exit::kOk : cli::fail_with(served.error());
}

}  // namespace chancery::acme_test
