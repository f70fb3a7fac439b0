#pragma once

#include <cstdint>
#include <string>

#include "cli/command_tree.h"

namespace chancery::cli {

enum class Shell : std::uint8_t { kBash, kZsh, kFish };

// completion_script is what a shell reads to complete verbs, options and the values of options that
// have a closed list; everywhere else it completes file names. It asks no server.
[[nodiscard]] std::string completion_script(const Command& root, Shell shell);

}  // namespace chancery::cli
