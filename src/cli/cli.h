#pragma once

#include "cli/options.h"

namespace chancery::cli {

// run parses the command line and runs the verb; the return value is the process's exit code.
[[nodiscard]] int run(int argc, const char* const* argv, const LocalVerbs& local);

}  // namespace chancery::cli
