#include "cli/command_tree.h"

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace chancery::cli {
namespace {

// A validator with a closed list describes itself as "{a,b}", or "{a->0,b->1}" with what the words
// are turned into.
std::vector<std::string> read_choices(const std::string& type) {
  const auto open = type.find('{');
  const auto close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  std::vector<std::string> choices;
  for (const std::string_view item :
       split(std::string_view(type).substr(open + 1, close - open - 1), ','))
    choices.emplace_back(item.substr(0, item.find("->")));
  return choices;
}

Command::Option read_option(const CLI::Option& option) {
  Command::Option out;
  for (const std::string& name : option.get_snames()) out.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) out.names.push_back("--" + name);
  if (out.names.empty()) out.names.push_back(option.get_name(true));
  out.what = option.get_description();
  out.default_value = option.get_default_str();
  out.required = option.get_required();
  out.repeatable = option.get_expected_max() > 1;
  const std::string type = option.get_type_name();  // empty for a flag
  out.choices = read_choices(type);
  out.value = type.substr(0, type.find(':'));
  return out;
}

}  // namespace

Command read_tree(const CLI::App& app) {
  Command command;
  command.name = app.get_name();
  command.what = app.get_description();
  command.notes = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    auto& list = option->nonpositional() ? command.options : command.positionals;
    list.push_back(read_option(*option));
  }
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; }))
    command.children.push_back(read_tree(*child));
  return command;
}

}  // namespace chancery::cli
