#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace chancery::cli {

// Command is one verb as declared, without the library that parses it: what help, completion and
// man pages are made from.
struct Command {
  struct Option {
    std::vector<std::string> names;  // "-o", "--output"; a positional has its bare name
    std::string value;               // what stands for the value, such as FILE; empty for a flag
    std::string what;
    std::string default_value;
    std::vector<std::string> choices;  // every value there is; empty when any text may stand
    bool required = false;
    bool repeatable = false;
  };

  std::string name;
  std::string what;
  std::string notes;  // what --help says last: examples, mostly
  std::vector<Option> options;
  std::vector<Option> positionals;
  std::vector<Command> children;
};

// read_tree walks a declared command line.
[[nodiscard]] Command read_tree(const CLI::App& app);

}  // namespace chancery::cli
