#include "server/config_verbs.h"

#include <boost/json.hpp>

#include "cli/checks.h"
#include "cli/report.h"
#include "server/config.h"
#include "server/server_checks.h"

namespace chancery::server {
namespace {

std::string in_code(std::string_view text) { return "`" + std::string(text) + "`"; }

// A vertical bar ends a cell, also within code.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string_view changed_by(const Key& key) { return key.live ? "reload" : "restart"; }

boost::json::array config_value() {
  boost::json::array list;
  for (const Key& key : config_keys()) {
    list.push_back(boost::json::object{{"key", key.path},
                                       {"type", key.type},
                                       {"default", key.default_value},
                                       {"changed_by", changed_by(key)},
                                       {"text", key.doc}});
  }
  return list;
}

}  // namespace

std::string config_text() {
  std::string text;
  for (const Key& key : config_keys()) {
    text += std::string(key.path) + "  (" + std::string(key.type) +
            "; default: " + key.default_value + "; changed by a " + std::string(changed_by(key)) +
            ")\n    " + std::string(key.doc) + "\n";
  }
  return text;
}

std::string config_markdown() {
  std::string text =
      "# Configuration keys\n\n"
      "Made by `chancery config docs --output markdown`; a test compares the two. The file is "
      "YAML, "
      "a dot is a level:\n`listeners.https` is `https` below `listeners`. Durations are written as "
      "`90s`, `5m`, `2h` or `30d`.\n`chancery config check FILE` says what is wrong with a "
      "file.\n\n"
      "| key | type | default | a change takes a | |\n|---|---|---|---|---|\n";
  for (const Key& key : config_keys()) {
    text += "| " + in_code(key.path) + " | " + cell(key.type) + " | " +
            cell(in_code(key.default_value)) + " | " + std::string(changed_by(key)) + " | " +
            cell(key.doc) + " |\n";
  }
  return text;
}

cli::Exit run_config_check(const std::string& file, const cli::Common& common) {
  cli::Checks checks;
  (void)add_config_checks(file, checks);
  return cli::report_checks(checks, common.format);
}

cli::Exit run_config_docs(const cli::ConfigDocsOptions& options) {
  if (options.format == "markdown") {
    cli::print(config_markdown());
  } else if (options.format == "text") {
    cli::print(config_text());
  } else {
    cli::print_value(config_value(),
                     options.format == "json" ? cli::Format::kJson : cli::Format::kYaml);
  }
  return cli::Exit::kOk;
}

}  // namespace chancery::server
