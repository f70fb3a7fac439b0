#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/options.h"

// How the files that declare verbs do it; the only header that shows CLI11. Internal to this
// folder.
namespace chancery::cli {

// verb adds a subcommand; `examples` are lines that begin with two spaces.
[[nodiscard]] CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& what,
                             const std::string& examples);
// add_format adds --output, add_server what says where the server is and who asks, add_connection
// both.
void add_format(CLI::App& app, Common& common);
void add_server(CLI::App& app, Common& common);
void add_connection(CLI::App& app, Common& common);

// Bind says what runs when a verb was chosen; it runs after parsing has succeeded as a whole.
using Bind = std::function<void(CLI::App*, std::function<Exit()>)>;

}  // namespace chancery::cli
