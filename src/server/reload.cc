#include "server/reload.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace chancery::server {
namespace {

constexpr std::string_view kName = "chancery_reloads_total";
constexpr std::string_view kHelp = "Reloads of the configuration, by what became of them";

std::string join(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

bool contains(const std::vector<std::string>& keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

// The names of the keys that differ, if a reload can change them all.
Result<std::vector<std::string>> live_changes(const Config& before, const Config& after) {
  std::vector<std::string> live;
  std::vector<std::string> fixed;
  for (const Key& key : changed_keys(before, after)) {
    (key.live ? live : fixed).emplace_back(key.path);
  }
  if (fixed.empty()) return live;
  return fail(Code::kUnsupported,
              "nothing was changed, because these keys need a restart: " + join(fixed));
}

// What the caller did wrong is in the file; the rest is trouble of this machine.
Error as_answer(Error error) {
  const bool of_the_file = error.code == Code::kMalformed || error.code == Code::kInvalidArgument ||
                           error.code == Code::kUnsupported || error.code == Code::kRefused;
  if (!of_the_file) error.code = Code::kUnavailable;
  return error;
}

}  // namespace

http::Limits http_limits(const Config& config) {
  http::Limits limits;
  limits.max_body_bytes = config.max_body_bytes;
  limits.max_connections = config.max_connections;
  limits.idle_timeout = config.idle_timeout;
  return limits;
}

Result<std::unique_ptr<http::AccessLog>> make_access_log(const Config& config, Metrics& metrics,
                                                         Log& log) {
  if (config.access_log == "off") return nullptr;
  if (config.access_log == "log") return http::make_access_log(metrics, log);
  return http::open_access_log(config.access_log, metrics, log);
}

Reloader::Reloader(std::string path, Running& running, const Parts& parts)
    : path_(std::move(path)),
      running_(running),
      parts_(parts),
      done_(parts.metrics.counter(kName, kHelp, R"(result="done")")),
      refused_(parts.metrics.counter(kName, kHelp, R"(result="refused")")) {}

Result<std::vector<std::string>> Reloader::reload() {
  const std::scoped_lock lock(mutex_);
  parts_.manager.reloading();
  auto changed = reload_locked();
  parts_.manager.ready(changed ? "configuration reloaded" : "configuration not reloaded, see log");
  if (running_.access_log) running_.access_log->reopen();
  if (!changed) {
    refused_.add();
    Error error = as_answer(std::move(changed).error());
    parts_.log.error("configuration not reloaded; the one before stays in force",
                     {{"detail", error.to_string()}});
    return std::unexpected(std::move(error));
  }
  done_.add();
  parts_.log.info("configuration reloaded",
                  {{"changed", changed->empty() ? "nothing" : join(*changed)}});
  return changed;
}

Result<std::vector<std::string>> Reloader::reload_locked() {
  const Config fresh = TRY(load_config(path_));
  auto changed = TRY(live_changes(running_.config, fresh));

  // First everything that can fail, so that nothing is half in force.
  std::unique_ptr<http::AccessLog> access_log;
  const bool other_access_log = contains(changed, "log.access");
  if (other_access_log) access_log = TRY(make_access_log(fresh, parts_.metrics, parts_.log));
  if (contains(changed, "tls.names")) {
    auto made = TRY(parts_.certificate.make(fresh.names));
    TRY(parts_.certificate.install(std::move(made)));
  }

  if (other_access_log) {
    parts_.server.set_access_log(access_log.get());
    running_.access_log = std::move(access_log);
  }
  parts_.log.set(fresh.log_format, fresh.log_level);
  if (std::ranges::any_of(changed,
                          [](const std::string& key) { return key.starts_with("limits."); }))
    parts_.server.set_limits(http_limits(fresh));
  running_.config = fresh;
  return changed;
}

seconds Reloader::stop_grace() const {
  const std::scoped_lock lock(mutex_);
  return running_.config.stop_grace;
}

}  // namespace chancery::server
