#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "http/access_log.h"
#include "http/server.h"
#include "os/service_manager.h"
#include "server/config.h"
#include "server/switch_log.h"
#include "server/tls_identity.h"

namespace chancery::server {

// Running is the configuration that is in force, with what was made of it and a reload makes anew.
struct Running {
  Config config;
  std::unique_ptr<http::AccessLog> access_log;  // null: none
};

// http_limits are the limits of every listener.
[[nodiscard]] http::Limits http_limits(const Config& config);
// make_access_log makes what `log.access` says; null for "off".
[[nodiscard]] Result<std::unique_ptr<http::AccessLog>> make_access_log(const Config& config,
                                                                       Metrics& metrics, Log& log);

// Reloader reads the configuration file anew and puts it in force as a whole, or leaves everything
// as it is. Thread-safe; it blocks, so never on a reactor.
class Reloader {
 public:
  struct Parts {
    SwitchLog& log;
    OwnCertificate& certificate;
    http::Server& server;
    Metrics& metrics;
    const os::ServiceManager& manager;
  };
  // `running` outlives the server, which uses its access log.
  Reloader(std::string path, Running& running, const Parts& parts);

  // reload returns the keys whose values changed. A file for the access log is opened anew in any
  // case, so that SIGHUP serves log rotation. Errors: kUnsupported (a change that needs a restart;
  // the detail names the keys), those of reading the file and of issuing, kUnavailable.
  [[nodiscard]] Result<std::vector<std::string>> reload();

  [[nodiscard]] seconds stop_grace() const;

 private:
  [[nodiscard]] Result<std::vector<std::string>> reload_locked();

  const std::string path_;
  Running& running_;
  Parts parts_;
  Counter& done_;
  Counter& refused_;
  mutable std::mutex mutex_;  // guards running_; one reload at a time
};

}  // namespace chancery::server
