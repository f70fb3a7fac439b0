#include "cli/checks.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "cli/report.h"
#include "cli/terminal.h"

namespace chancery::cli {
namespace {

struct Mark {
  std::string_view sign;
  std::string_view name;
  Colour colour;
};

Mark mark_of(Check::Level level) {
  switch (level) {
    case Check::Level::kOk:
      return {"✓", "ok", Colour::kGreen};
    case Check::Level::kWarning:
      return {"!", "warning", Colour::kYellow};
    case Check::Level::kProblem:
      return {"✗", "problem", Colour::kRed};
  }
  return {"?", "", Colour::kDim};
}

std::size_t count(const Checks& checks, Check::Level level) {
  std::size_t n = 0;
  for (const Check& check : checks.list()) n += check.level == level ? 1U : 0U;
  return n;
}

void print_text(const Checks& checks) {
  const Paint paint = Paint::for_stream(stdout);
  for (const Check& check : checks.list()) {
    const Mark mark = mark_of(check.level);
    print(paint(mark.colour, mark.sign) + " " + check.name + ": " + printable(check.text, 1000) +
          "\n");
    if (!check.mend.empty())
      print("    " + paint(Colour::kBold, printable(check.mend, 1000)) + "\n");
  }
  print("\n" + std::to_string(checks.list().size()) + " checks, " +
        std::to_string(count(checks, Check::Level::kWarning)) + " warnings, " +
        std::to_string(count(checks, Check::Level::kProblem)) + " problems\n");
}

}  // namespace

Exit report_checks(const Checks& checks, Format format) {
  const std::size_t problems = count(checks, Check::Level::kProblem);
  if (format == Format::kText) {
    print_text(checks);
  } else {
    boost::json::array list;
    for (const Check& check : checks.list()) {
      list.push_back(boost::json::object{{"check", check.name},
                                         {"level", mark_of(check.level).name},
                                         {"text", check.text},
                                         {"mend", check.mend}});
    }
    print_value({{"problems", problems},
                 {"warnings", count(checks, Check::Level::kWarning)},
                 {"checks", std::move(list)}},
                format);
  }
  return problems == 0 ? Exit::kOk : Exit::kFailed;
}

}  // namespace chancery::cli
