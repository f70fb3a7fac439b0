#include "cli/completion.h"

#include <functional>

#include "base/text.h"

namespace chancery::cli {
namespace {

// Texts go into scripts between single quotes.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Calls `visit` with every command and its words from the program's name on.
void walk(const Command& command, const std::string& path,
          const std::function<void(const Command&, const std::string&)>& visit) {
  visit(command, path);
  for (const Command& child : command.children) walk(child, path + " " + child.name, visit);
}

// "'chancery cert') at='chancery cert' ;;" for every verb: how the scripts find out where they are.
std::string edges(const Command& root) {
  std::string out;
  walk(root, root.name, [&](const Command& command, const std::string& path) {
    if (&command != &root) out += "      " + in_quotes(path) + ") at=" + in_quotes(path) + " ;;\n";
  });
  return out;
}

std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> names;
  for (const auto& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

std::vector<std::string> words(const Command& command) {
  std::vector<std::string> out;
  for (const Command& child : command.children) out.push_back(child.name);
  for (const auto& positional : command.positionals)
    out.insert(out.end(), positional.choices.begin(), positional.choices.end());
  return out;
}

// "'chancery cert list:-o'|'chancery cert list:--output'"
std::string option_pattern(const std::string& path, const Command::Option& option) {
  std::vector<std::string> patterns;
  for (const std::string& name : option.names) patterns.push_back(in_quotes(path + ":" + name));
  return join(patterns, "|");
}

// A case for every option with a value; `with_choices` and `without` say what is done there.
std::string value_cases(const Command& root,
                        const std::function<std::string(const std::string&)>& with_choices,
                        const std::string& without) {
  std::string out;
  walk(root, root.name, [&](const Command& command, const std::string& path) {
    for (const auto& option : command.options) {
      if (option.value.empty()) continue;
      out += "    " + option_pattern(path, option) + ") " +
             (option.choices.empty() ? without : with_choices(join(option.choices, " "))) + " ;;\n";
    }
  });
  return out;
}

std::string bash_script(const Command& root) {
  std::string out = "# bash completion for " + root.name + ": source <(" + root.name +
                    " completion bash)\n_" + root.name + "() {\n" +
                    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                    "  local at=" +
                    in_quotes(root.name) +
                    " options='' words='' i\n"
                    "  # bash splits --option=value at the sign.\n"
                    "  if [[ $cur == = ]]; then cur=''; "
                    "elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
                    "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                    "    case \"$at ${COMP_WORDS[i]}\" in\n" +
                    edges(root) +
                    "    esac\n  done\n  COMPREPLY=()\n"
                    "  case \"$at:$prev\" in\n" +
                    value_cases(
                        root,
                        [](const std::string& choices) {
                          return "mapfile -t COMPREPLY < <(compgen -W " + in_quotes(choices) +
                                 " -- \"$cur\"); return";
                        },
                        "return") +
                    "  esac\n  case \"$at\" in\n";
  walk(root, root.name, [&](const Command& command, const std::string& path) {
    out += "    " + in_quotes(path) + ") words=" + in_quotes(join(words(command), " ")) +
           " options=" + in_quotes(join(option_names(command), " ")) + " ;;\n";
  });
  return out +
         "  esac\n"
         "  if [[ $cur == -* ]]; then words=$options; fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\n"
         // Nothing to say means a file name.
         "complete -o default -F _" +
         root.name + " " + root.name + "\n";
}

// "'name:what it does'", as _describe reads it.
std::string described(const std::string& name, const std::string& what) {
  std::string escaped;
  for (const char c : name) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return in_quotes(escaped + ":" + what);
}

std::string zsh_lists(const Command& command) {
  std::string verbs;
  std::string options;
  for (const Command& child : command.children) verbs += " " + described(child.name, child.what);
  for (const auto& positional : command.positionals) {
    for (const std::string& choice : positional.choices)
      verbs += " " + described(choice, positional.what);
  }
  for (const auto& option : command.options) {
    for (const std::string& name : option.names) options += " " + described(name, option.what);
  }
  return "verbs=(" + verbs + " ) options=(" + options + " )";
}

std::string zsh_script(const Command& root) {
  const std::string function = "_" + root.name;
  std::string out =
      "#compdef " + root.name + "\n# zsh completion: source <(" + root.name +
      " completion zsh), or put it into a file " + function + " of $fpath\n\n" + function +
      "() {\n  local at=" + in_quotes(root.name) +
      " i\n  local -a verbs options\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"$at ${words[i]}\" in\n" +
      edges(root) + "    esac\n  done\n  case \"$at:${words[CURRENT-1]}\" in\n" +
      value_cases(
          root, [](const std::string& choices) { return "compadd -- " + choices + "; return"; },
          "_files; return") +
      "  esac\n  case \"$at\" in\n";
  walk(root, root.name, [&](const Command& command, const std::string& path) {
    out += "    " + in_quotes(path) + ") " + zsh_lists(command) + " ;;\n";
  });
  return out +
         "  esac\n"
         "  if [[ $PREFIX == -* ]]; then _describe option options\n"
         "  elif (( ${#verbs} )); then _describe command verbs\n"
         "  else _files\n  fi\n}\n\n"
         // Autoloaded from $fpath the file is the function's body; sourced, it declares it.
         "if [[ ${funcstack[1]} == " +
         function + " ]]; then " + function + " \"$@\"; else compdef " + function + " " +
         root.name + "; fi\n";
}

std::string fish_option(const Command::Option& option, const std::string& begin) {
  std::string line = begin;
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.choices.empty()) {
    line += " -x -a " + in_quotes(join(option.choices, " "));
  } else if (!option.value.empty()) {
    line += " -r -F";
  }
  return line + " -d " + in_quotes(option.what) + "\n";
}

std::string fish_script(const Command& root) {
  const std::string at = "__" + root.name + "_at";
  std::string out = "# fish completion: " + root.name + " completion fish | source\nfunction " +
                    at + "\n  set -l at " + in_quotes(root.name) +
                    "\n  for word in (commandline -opc)[2..-1]\n    switch \"$at $word\"\n"
                    "      case";
  walk(root, root.name, [&](const Command& command, const std::string& path) {
    if (&command != &root) out += " " + in_quotes(path);
  });
  out += "\n        set at \"$at $word\"\n    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\n";
  walk(root, root.name, [&](const Command& command, const std::string& path) {
    const std::string begin =
        "complete -c " + root.name + " -n " + in_quotes(at + " \"" + path + "\"");
    for (const Command& child : command.children)
      out += begin + " -f -a " + in_quotes(child.name) + " -d " + in_quotes(child.what) + "\n";
    for (const auto& positional : command.positionals) {
      if (!positional.choices.empty())
        out += begin + " -f -a " + in_quotes(join(positional.choices, " ")) + " -d " +
               in_quotes(positional.what) + "\n";
    }
    for (const auto& option : command.options) out += fish_option(option, begin);
  });
  return out;
}

}  // namespace

std::string completion_script(const Command& root, Shell shell) {
  switch (shell) {
    case Shell::kBash:
      return bash_script(root);
    case Shell::kZsh:
      return zsh_script(root);
    case Shell::kFish:
      return fish_script(root);
  }
  return {};
}

}  // namespace chancery::cli
