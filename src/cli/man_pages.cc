#include "cli/man_pages.h"

#include <array>

#include "base/text.h"
#include "cli/exit_codes.h"

namespace chancery::cli {
namespace {

struct Term {
  std::string_view term;
  std::string_view what;
};

constexpr std::array kEnvironment{
    Term{"CHANCERY_ADDR", "URL of the server; --address overrides it."},
    Term{"CHANCERY_CACERT",
         "File with the root certificate that the server's own chains to; --ca-file overrides it."},
    Term{"CHANCERY_TOKEN_FILE", "File with the token; --token-file overrides it."},
    Term{"CHANCERY_TOKEN",
         "The token itself. There is no option for it: other users of the machine can read the "
         "command line of a process."},
    Term{"NO_COLOR", "Set to anything, it keeps colour off terminals too."},
};

constexpr std::array kFiles{
    Term{"DIR/chancery.yaml", "The server's configuration, in the directory that init made."},
    Term{"DIR/root-ca.pem", "The trust anchor, for clients."},
    Term{"DIR/root-token", "A token that may do everything. Keep it secret."},
    Term{"DIR/server/", "Store and sealed keys of the server. Back it up."},
    Term{"DIR/offline-root/", "The root's key. It belongs on a medium in a safe."},
};

// Escapes what roff would read as its own: the backslash, the hyphen (which it may set as another
// character), and a dot or apostrophe that begins a line.
std::string escaped(std::string_view text) {
  std::string out;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) out += "\\&";
    begins_line = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + escaped(text) + "\\fR"; }

std::string value_text(const Command::Option& option) {
  if (!option.choices.empty()) return italic(join(option.choices, "|"));
  return italic(option.value);
}

std::string option_term(const Command::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(bold(name));
  std::string out = join(names, ", ");
  if (!option.value.empty()) out += " " + value_text(option);
  return out;
}

std::string option_text(const Command::Option& option) {
  std::string out = escaped(option.what);
  if (!out.empty() && out.back() != '.') out += '.';
  if (option.required) out += " Required.";
  if (!option.default_value.empty()) out += " Default: " + bold(option.default_value) + ".";
  return out;
}

std::string section(std::string_view title) { return ".SH " + std::string(title) + "\n"; }
std::string entry(const std::string& term, const std::string& text) {
  return ".TP\n" + term + "\n" + text + "\n";
}

template <class Terms>
std::string terms(std::string_view title, const Terms& list) {
  std::string out = section(title);
  for (const Term& term : list) out += entry(bold(term.term), escaped(term.what));
  return out;
}

std::string synopsis(const Command& command, const std::string& words) {
  std::string out = section("SYNOPSIS") + bold(words);
  if (!command.children.empty()) return out + " " + italic("VERB") + " ...\n";
  for (const auto& option : command.options) {
    if (option.required) out += " " + bold(option.names.back()) + " " + value_text(option);
  }
  for (const auto& positional : command.positionals) {
    const std::string name = italic(to_lower(positional.names.front()));
    out += positional.required ? " " + name : " [" + name + "]";
  }
  return out + " [" + italic("option") + " ...]\n";
}

std::string page_name(std::string words) {
  for (char& c : words) {
    if (c == ' ') c = '-';
  }
  return words;
}

std::string children_text(const Command& command, const std::string& words) {
  if (command.children.empty()) return {};
  std::string out = section("VERBS");
  for (const Command& child : command.children) {
    out +=
        entry(bold(words + " " + child.name),
              escaped(child.what) + ". See " + bold(page_name(words + " " + child.name)) + "(1).");
  }
  return out;
}

std::string options_text(const Command& command) {
  std::string out = section("OPTIONS");
  for (const auto& positional : command.positionals)
    out += entry(italic(to_lower(positional.names.front())), option_text(positional));
  for (const auto& option : command.options) out += entry(option_term(option), option_text(option));
  return out;
}

// Examples are shown as typed; any other note is prose.
std::string notes_text(const Command& command) {
  constexpr std::string_view kExamples = "Examples:\n";
  if (command.notes.empty()) return {};
  if (!command.notes.starts_with(kExamples))
    return section("NOTES") + escaped(command.notes) + "\n";
  return section("EXAMPLES") + ".nf\n" +
         escaped(std::string_view(command.notes).substr(kExamples.size())) + "\n.fi\n";
}

std::string exit_text() {
  std::string out = section("EXIT STATUS");
  for (const ExitMeaning& exit : kExitMeanings)
    out += entry(bold(std::to_string(static_cast<int>(exit.code))), escaped(exit.meaning));
  return out;
}

void add_pages(const Command& command, const std::string& words, std::string_view version,
               std::vector<ManPage>& pages) {
  const std::string name = page_name(words);
  std::string roff = ".TH " + escaped(name) + " 1 \"\" \"chancery " + std::string(version) +
                     "\" \"Chancery\"\n" + section("NAME") + escaped(name) + " \\- " +
                     escaped(command.what) + "\n";
  roff += synopsis(command, words) + section("DESCRIPTION") + escaped(command.what) + ".\n";
  roff += children_text(command, words) + options_text(command) + notes_text(command);
  roff += exit_text() + terms("ENVIRONMENT", kEnvironment) + terms("FILES", kFiles);
  if (words.find(' ') != std::string::npos)
    roff += section("SEE ALSO") + bold(page_name(words.substr(0, words.rfind(' ')))) + "(1)\n";
  pages.push_back({name, std::move(roff)});
  for (const Command& child : command.children)
    add_pages(child, words + " " + child.name, version, pages);
}

}  // namespace

std::vector<ManPage> man_pages(const Command& root, std::string_view version) {
  std::vector<ManPage> pages;
  add_pages(root, root.name, version, pages);
  return pages;
}

}  // namespace chancery::cli
