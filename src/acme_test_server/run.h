#pragma once

#include "cli/acme_options.h"
#include "cli/options.h"

namespace chancery::acme_test {

// run_test_server is the verb "chancery acme test-server": it serves until SIGTERM or SIGINT.
[[nodiscard]] cli::Exit run_test_server(const cli::AcmeTestServerOptions& options);

}  // namespace chancery::acme_test
