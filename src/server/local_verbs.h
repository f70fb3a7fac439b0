#pragma once

#include "cli/options.h"

namespace chancery::server {

// init and serve as verbs of the command line.
[[nodiscard]] cli::Exit run_init(const cli::InitOptions& options, const cli::Common& common);
[[nodiscard]] cli::Exit run_serve(const cli::ServeOptions& options);

}  // namespace chancery::server
