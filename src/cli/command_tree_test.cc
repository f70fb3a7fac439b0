#include "cli/command_tree.h"

#include <doctest/doctest.h>

#include <CLI/CLI.hpp>

#include "cli/completion.h"
#include "cli/declare.h"
#include "cli/man_pages.h"

namespace chancery::cli {
namespace {

// A small program with one of everything.
struct Program {
  Program() {
    CLI::App* cert = app.add_subcommand("cert", "Certificates");
    CLI::App* list = verb(*cert, "list", "List what's there", "  tool cert list --limit 3\n  .x");
    list->add_option("--limit", limit, "At most so many")->default_val(7);
    list->add_flag("--all", all, "Everything");
    list->add_option("--in", file, "A file")->required()->type_name("FILE");
    list->add_option("mode", mode, "How")->check(CLI::IsMember({"fast", "slow"}));
    add_format(*list, common);
  }
  CLI::App app{"A tool", "tool"};
  Common common;
  int limit = 0;
  bool all = false;
  std::string file;
  std::string mode;
};

const Command::Option& option(const Command& command, std::string_view name) {
  for (const auto& one : command.options) {
    if (one.names.back() == name) return one;
  }
  FAIL("no such option");
  return command.options.front();
}

TEST_CASE("the tree says what was declared") {
  const Program program;
  const Command root = read_tree(program.app);
  REQUIRE(root.children.size() == 1);
  const Command& list = root.children[0].children.at(0);
  CHECK(list.name == "list");
  CHECK(list.notes.starts_with("Examples:\n"));
  CHECK(option(list, "--all").value.empty());
  CHECK(option(list, "--limit").default_value == "7");
  CHECK(option(list, "--in").required);
  CHECK(option(list, "--in").value == "FILE");
  CHECK(option(list, "--output").names == std::vector<std::string>{"-o", "--output"});
  CHECK(option(list, "--output").choices == std::vector<std::string>{"text", "json", "yaml"});
  REQUIRE(list.positionals.size() == 1);
  CHECK(list.positionals[0].names[0] == "mode");
  CHECK(list.positionals[0].choices == std::vector<std::string>{"fast", "slow"});
}

TEST_CASE("completion scripts quote what could end a quotation") {
  const Program program;
  const Command root = read_tree(program.app);
  for (const Shell shell : {Shell::kBash, Shell::kZsh, Shell::kFish}) {
    const std::string script = completion_script(root, shell);
    CHECK(script.find("tool cert list") != std::string::npos);
    CHECK(script.find("text json yaml") != std::string::npos);
  }
  CHECK(completion_script(root, Shell::kZsh).find("List what'\\''s there") != std::string::npos);
}

TEST_CASE("man pages escape what roff would read as its own") {
  const Program program;
  const auto pages = man_pages(read_tree(program.app), "1.2.3");
  REQUIRE(pages.size() == 3);
  CHECK(pages[2].name == "tool-cert-list");
  const std::string& roff = pages[2].roff;
  CHECK(roff.starts_with(".TH tool\\-cert\\-list 1 \"\" \"chancery 1.2.3\""));
  CHECK(roff.find("\n  .x\n") != std::string::npos);
  CHECK(roff.find("\\fB\\-\\-in\\fR \\fIFILE\\fR\nA file. Required.") != std::string::npos);
  CHECK(roff.find("Default: \\fB7\\fR.") != std::string::npos);
  CHECK(roff.find(".SH EXIT STATUS") != std::string::npos);
}

}  // namespace
}  // namespace chancery::cli
