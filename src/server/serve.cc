#include "server/serve.h"

#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/metrics.h"
#include "ca/mass_revocation.h"
#include "ca/tidier.h"
#include "enrol/enrolment.h"
#include "enrol/mount_limits.h"
#include "http/server.h"
#include "keys/software/seal.h"
#include "os/file.h"
#include "os/hardening.h"
#include "os/service_manager.h"
#include "server/committer_hints.h"
#include "server/health.h"
#include "server/key_filler.h"
#include "server/lane_background.h"
#include "server/mount_sweep.h"
#include "server/node.h"
#include "server/passphrase.h"
#include "server/registry.h"
#include "server/reload.h"
#include "server/signals.h"
#include "server/start_checks.h"
#include "server/status_fetcher.h"
#include "server/status_upkeep.h"
#include "server/switch_log.h"
#include "server/tls_identity.h"
#include "server/token_sweep.h"
#include "server/upkeep.h"
#include "telemetry/trace_exporter.h"
#include "validation/network/fetcher.h"
#include "validation/network/network_validator.h"

namespace chancery::server {
namespace {

// How often CRLs are looked at, and the URLs in certificates.
constexpr std::chrono::milliseconds kPublishing{1000};
constexpr std::chrono::milliseconds kAsking{5000};

// How often it is looked whether a challenge is to be tried again.
constexpr std::chrono::milliseconds kAcmePeriod{1000};
// They wait for others most of the time.
constexpr unsigned kOutboundThreads = 16;

// Often enough for a watchdog to hear twice in its time, a slow answer included.
std::chrono::milliseconds upkeep_period(const os::ServiceManager& manager) {
  constexpr std::chrono::milliseconds kUnhurried{10'000};
  if (manager.watchdog().count() == 0) return kUnhurried;
  const auto share = std::chrono::duration_cast<std::chrono::milliseconds>(manager.watchdog() / 4);
  return std::clamp(share, std::chrono::milliseconds{1}, kUnhurried);
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// The first 16 bytes of the authority's key identifier serve as the cluster's id: stable, and the
// same on every node of the same authority.
std::string cluster_id(ca::Service& ca) {
  const auto authority = ca.authority(pki_scope(), "default");
  if (!authority) return {};
  std::string id = hex((*authority)->key_identifier().first(16));
  for (const std::size_t at : {8UZ, 13UZ, 18UZ, 23UZ}) id.insert(at, 1, '-');
  return id;
}

// Given are the listening sockets that the supervisor passed; -1: none.
struct Given {
  int https = -1;
  int http = -1;
};

Result<Given> given_by_supervisor() {
  Given given;
  for (const os::GivenSocket& socket : TRY(os::given_sockets())) {
    int* const place = socket.name == "https"  ? &given.https
                       : socket.name == "http" ? &given.http
                                               : nullptr;
    if (place == nullptr || *place >= 0) {
      return std::unexpected(Error{
          Code::kInvalidArgument,
          "the supervisor may pass one socket named https and one named "
          "http (FileDescriptorName=)",
          {},
          {}}.with("name", socket.name));
    }
    *place = socket.fd;
  }
  return given;
}

// key_protection says for the policy page how the authorities' keys are kept; "" if unknown.
std::string key_protection(const Config& config) {
  const auto kind = keys::seal_kind(config.data + "/keys");
  if (!kind) return {};
  const std::string how =
      *kind == keys::SealKind::kPassphrase
          ? "a passphrase (Argon2id)"
          : "a file beside the keys, so whoever reads the directory can use them";
  return "Keys are in software, encrypted with AES-256-GCM under a root key that is sealed by " +
         how + ". They are in memory in the clear while the program runs.";
}

http::ServerOptions server_options(const Config& config, std::shared_ptr<net::TlsServerContext> tls,
                                   const http::Site& https_site, const http::Site& http_site,
                                   const Given& given) {
  const http::Limits limits = http_limits(config);
  http::ServerOptions options;
  options.reactors = config.reactors;
  const auto cores = static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  options.cpu.threads = config.cpu_threads != 0 ? config.cpu_threads : cores;
  options.cpu.max_queued = 1024;
  options.outbound.threads = kOutboundThreads;
  options.outbound.max_queued = 4096;
  options.listeners.push_back(
      {config.https.address, config.https.port, std::move(tls), &https_site, limits, given.https});
  options.listeners.push_back(
      {config.http.address, config.http.port, nullptr, &http_site, limits, given.http});
  return options;
}

// The passphrase is forgotten once the keys are open.
Result<std::unique_ptr<Node>> open_node(const Config& config, bool accept_clock, const Clock& clock,
                                        Random& random, Log& log) {
  const SecretBytes passphrase =
      TRY(read_passphrase(config.data + "/keys", config.passphrase_file, "Passphrase: "));
  return Node::open(
      {config.data, config.store, passphrase.view(), true, accept_clock, config.weak_keys}, clock,
      random, log);
}

// ClockMetrics look at the clock now and then, also when nothing is issued.
class ClockMetrics {
 public:
  explicit ClockMetrics(Metrics& metrics)
      : wrong_(metrics.gauge("chancery_clock_wrong",
                             "1 while the clock has jumped or is behind the history")),
        jumps_(metrics.gauge("chancery_clock_jumps", "How often the clock became wrong")) {}
  void operator()(ca::ClockWatch& watch) const {
    wrong_.set(watch.check() ? 0 : 1);
    jumps_.set(static_cast<std::int64_t>(watch.jumps()));
  }

 private:
  Gauge& wrong_;
  Gauge& jumps_;
};

// of_each_pki_mount calls `work` with the scope of every PKI mount, also after one has failed.
// Errors: the first one of `work`.
template <class Work>
Result<void> of_each_pki_mount(const access::Mounts& mounts, Work work) {
  Result<void> first;
  for (const auto& mount : mounts.list(access::MountKind::kSecret)) {
    if (mount->type != "pki") continue;
    if (auto done = work(mount->scope()); !done && first) first = std::move(done);
  }
  return first;
}

// StopAtEnd stops the node before the observers of its commits go, however serve ends.
class StopAtEnd {
 public:
  explicit StopAtEnd(Node& node) : node_(node) {}
  ~StopAtEnd() { node_.stop(); }
  StopAtEnd(const StopAtEnd&) = delete;
  StopAtEnd& operator=(const StopAtEnd&) = delete;

 private:
  Node& node_;
};

// Null when there are to be no traces.
std::unique_ptr<telemetry::TraceExporter> make_tracer(const Config& config, Random& random,
                                                      Metrics& metrics, Log& log) {
  if (config.trace_endpoint.empty()) return nullptr;
  telemetry::TraceOptions options;
  options.endpoint = config.trace_endpoint;
  options.ratio = config.trace_permille / 1000.0;
  return std::make_unique<telemetry::TraceExporter>(
      std::move(options), telemetry::Service{"chancery", CHANCERY_VERSION}, random, metrics, log);
}

Result<void> announce(const std::string& config_path, const http::Server& server,
                      const os::ServiceManager& manager, Log& log) {
  const std::string https = to_string({server.address(0), server.port(0)});
  const std::string http = to_string({server.address(1), server.port(1)});
  const std::string run = directory_of(config_path) + "/run";
  TRY(os::make_directory(run));
  TRY(os::write_file(run + "/listeners.json",
                     as_bytes(R"({"https":")" + https + R"(","http":")" + http + "\"}\n"),
                     os::kPublicFile));
  log.info("ready", {{"https", https}, {"http", http}});
  manager.ready("https " + https + ", http " + http);
  return {};
}

}  // namespace

Result<void> serve(const std::string& config_path, bool accept_clock, const Clock& clock,
                   Random& random) {
  const Signals signals;
  TRY(os::forbid_core_dumps());
  const auto manager = os::ServiceManager::from_environment();
  const Given given = TRY(given_by_supervisor());
  const Config config = TRY(load_config(config_path));
  const auto log = std::make_unique<SwitchLog>(config.log_format, config.log_level);
  TRY(check_modes(config_path, config, *log));
  if (const auto kind = keys::seal_kind(config.data + "/keys");
      kind && *kind == keys::SealKind::kFile) {
    log->warning(
        "keys are sealed by a file beside them: whoever can read the data directory can use them; "
        "for development only",
        {{"directory", config.data}});
  }
  const auto node = TRY(open_node(config, accept_clock, clock, random, *log));
  if (!node->ca().may_sign()) {
    log->warning(
        "this node was restored from a backup and signs neither certificates nor CRLs until "
        "\"chancery restore confirm\"",
        {{"directory", config.data}});
  }

  Metrics metrics;
  access::Policies policies(node->store(), clock);
  access::Tokens tokens(node->store(), policies, clock, random);
  enrol::Roles roles(node->store(), policy::Limits{}, clock);
  enrol::Enrolment enrolment(node->ca(), roles, clock, config.keys_ahead);
  access::Methods methods(node->store(), tokens, clock, random);
  const auto validator =
      TRY(validation::network::make_validator(settings_of(config.validation), clock, metrics));
  const auto fetcher =
      validation::network::make_fetcher(settings_of(config.validation), clock, *log);
  StatusFetcher status_fetcher(*fetcher);
  methods.certificates.crls().use(status_fetcher);
  LaneBackground background;
  acme::Acme acme({node->store(), node->ca(), enrolment, methods.mounts, *validator, background,
                   clock, random, metrics, *log});
  TRY(methods.mounts.open(OnLane::outside_server()));
  roles.use_limits(enrol::limits_of(methods.mounts));
  std::optional<Reloader> reloader;  // before any request can come
  const auto protocols = make_protocols(
      {node->store(), node->ca(), policies, tokens, methods, enrolment, clock, random, metrics,
       *log, NodeFiles{config.data + "/keys", config_path}, "chancery", cluster_id(node->ca()),
       CHANCERY_VERSION, [&reloader] { return reloader->reload(); }, key_protection(config), acme});
  StatusUpkeep status(
      node->ca(), [&methods] { return pki_scopes(methods.mounts); }, config.crl_directory, clock,
      *log);
  HealthApi health(node->store(), node->ca(), metrics);
  health.use(status);
  http::Site https_site;
  http::Site http_site;
  for (const Mounted& mounted : protocols) {
    (mounted.listener == Listener::kHttp ? http_site : https_site)
        .mount(mounted.prefix, *mounted.application);
  }
  https_site.mount("/healthz", health);
  https_site.mount("/readyz", health);
  https_site.mount("/metrics", health);
  http_site.mount("/healthz", health);
  http_site.mount("/readyz", health);

  OwnCertificate certificate(node->ca(), clock, metrics, *log);
  auto first = TRY(certificate.make(config.names));
  TRY(certificate.install(std::move(first)));
  CommitterHints hints(node->store().committer());
  const StopAtEnd stop_at_end(*node);
  Running running{config, TRY(make_access_log(config, metrics, *log))};
  auto options = server_options(config, certificate.context(), https_site, http_site, given);
  options.access_log = running.access_log.get();
  const auto tracer = make_tracer(config, random, metrics, *log);
  options.tracer = tracer.get();
  http::Server server(std::move(options), hints, random, metrics, *log);
  reloader.emplace(config_path, running,
                   Reloader::Parts{*log, certificate, server, metrics, manager});
  TRY(server.start());
  background.open(server);
  TokenSweep sweep(tokens, node->store().committer(), clock, *log);
  MountSweep mount_sweep(methods, node->ca().hierarchy(), node->store().committer(), clock, *log);
  TRY(of_each_pki_mount(methods.mounts, [&](const record::Scope& scope) {
    return node->ca().mass_revocation().resume(scope);
  }));
  TRY(of_each_pki_mount(methods.mounts, [&](const record::Scope& scope) {
    return node->ca().tidier().resume(scope);
  }));
  Upkeep upkeep(upkeep_period(manager));
  upkeep.add([&] { certificate.tend(); });
  upkeep.add([&] { sweep.tend(); });
  upkeep.add([&, tell = ClockMetrics(metrics)] { tell(*node->clock_watch()); });
  upkeep.add([&] {
    const auto tended = of_each_pki_mount(methods.mounts, [&](const record::Scope& scope) {
      return node->ca().tidier().tend(scope);
    });
    if (!tended)
      log->warning("automatic tidying did not start", {{"error", tended.error().to_string()}});
  });
  upkeep.add([&] { mount_sweep.tend(); });
  Upkeep acme_upkeep(kAcmePeriod);  // its own: clients wait for what it finds due
  acme_upkeep.add([&] { acme.tend(); });
  if (manager.watchdog().count() > 0) {
    upkeep.add([&] {
      // A reactor that hangs is what a watchdog is for.
      if (server.responsive(upkeep_period(manager))) manager.alive();
    });
  }
  upkeep.start();
  acme_upkeep.start();
  Upkeep publishing(kPublishing);
  publishing.add([&] { status.tend(OnLane::outside_server()); });
  publishing.start();
  Upkeep asking(kAsking);
  asking.add([&] { status.ask(OnLane::outside_server()); });
  asking.start();
  asking.poke();
  CrlRefresh crl_refresh(methods.mounts, methods.certificates.crls(), node->store().committer(),
                         clock, *log);
  Upkeep refreshing(kAsking);  // its own: it waits for servers elsewhere
  refreshing.add([&] { crl_refresh.tend(OnLane::outside_server()); });
  refreshing.start();
  const KeyFiller filler(enrolment.keys_ahead());
  if (const auto given_up = os::forbid_new_programs(); !given_up)
    log->warning("not hardened as it should be", {{"detail", given_up.error().to_string()}});
  TRY(announce(config_path, server, manager, *log));
  int signal = signals.wait();
  for (; signal == SIGHUP; signal = signals.wait()) {
    // What became of it is in the log.
    static_cast<void>(reloader->reload());
  }
  health.stopping();
  manager.stopping();
  status.stop();
  asking.stop();
  refreshing.stop();
  publishing.stop();
  upkeep.stop();
  acme_upkeep.stop();
  background.close();
  log->info("stopping", {{"signal", signal}});
  server.stop(reloader->stop_grace());
  node->stop();
  log->info("stopped");
  return {};
}

}  // namespace chancery::server
