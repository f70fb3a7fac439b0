#pragma once

#include <optional>
#include <string>

#include "cli/checks.h"
#include "cli/tool_options.h"
#include "server/config.h"

namespace chancery::server {

// add_config_checks reads a configuration file as the server does and adds every finding. Nothing
// is returned when it cannot be used.
[[nodiscard]] std::optional<Config> add_config_checks(const std::string& file, cli::Checks& checks);
// add_machine_checks looks at the machine that the server is to run on: data directory, secrets,
// ports, disk, library. It changes nothing.
void add_machine_checks(const Config& config, const std::string& config_file, cli::Checks& checks);

// doctor as a verb of the command line.
[[nodiscard]] cli::Exit run_doctor(const cli::DoctorOptions& options, const cli::Common& common);

}  // namespace chancery::server
