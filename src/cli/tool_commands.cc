#include "cli/tool_commands.h"

#include "cli/tool_verbs.h"

namespace chancery::cli {
namespace {

CLI::App* add_completion(CLI::App& root, CompletionOptions& o) {
  CLI::App* app = verb(root, "completion", "Write a shell's completion script",
                       "  source <(chancery completion bash)\n"
                       "  chancery completion zsh > ~/.zfunc/_chancery\n"
                       "  chancery completion fish > ~/.config/fish/completions/chancery.fish");
  app->add_option("shell", o.shell, "Which shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  return app;
}

CLI::App* add_man(CLI::App& root, ManOptions& o) {
  CLI::App* app =
      verb(root, "man", "Write the man pages", "  chancery man /usr/local/share/man/man1");
  app->add_option("directory", o.directory, "Directory for the pages; is made")
      ->required()
      ->type_name("DIR");
  return app;
}

}  // namespace

void add_tools(CLI::App& root, CLI::App& cert, ToolOptions& o, Common& common,
               const LocalVerbs& local, const Bind& on) {
  (void)cert;
  (void)common;
  (void)local;
  on(add_completion(root, o.completion), [&] { return completion(o.completion, read_tree(root)); });
  on(add_man(root, o.man), [&] { return man(o.man, read_tree(root)); });
}

}  // namespace chancery::cli
