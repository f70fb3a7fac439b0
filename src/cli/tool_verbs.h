#pragma once

#include "cli/command_tree.h"
#include "cli/tool_options.h"

namespace chancery::cli {

// completion writes a shell's completion script to standard output.
[[nodiscard]] Exit completion(const CompletionOptions& options, const Command& root);
// man writes the man pages into a directory, which it makes.
[[nodiscard]] Exit man(const ManOptions& options, const Command& root);

}  // namespace chancery::cli
