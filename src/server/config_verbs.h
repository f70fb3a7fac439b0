#pragma once

#include <string>

#include "cli/tool_options.h"

namespace chancery::server {

// config_text and config_markdown describe every configuration key: for a terminal, and as the page
// docs/operations/configuration.md.
[[nodiscard]] std::string config_text();
[[nodiscard]] std::string config_markdown();

// config check and config docs as verbs of the command line.
[[nodiscard]] cli::Exit run_config_check(const std::string& file, const cli::Common& common);
[[nodiscard]] cli::Exit run_config_docs(const cli::ConfigDocsOptions& options);

}  // namespace chancery::server
