#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_tree.h"

namespace chancery::cli {

struct ManPage {
  std::string name;  // "chancery-cert-issue"; the file is name.1
  std::string roff;  // man(7)
};

// man_pages makes a page of section 1 for the program and for every verb.
[[nodiscard]] std::vector<ManPage> man_pages(const Command& root, std::string_view version);

}  // namespace chancery::cli
