#include "cli/progress.h"

#include <doctest/doctest.h>

namespace chancery::cli {
namespace {

struct Screen {
  Progress::Time now{};
  std::string written;

  Progress::Output output() {
    return {[this] { return now; }, [this](const std::string& text) { written += text; }, 60};
  }
};

TEST_CASE("short work shows no bar") {
  Screen screen;
  {
    Progress progress("reading", 100, screen.output());
    screen.now += std::chrono::milliseconds(999);
    progress.update(50);
  }
  CHECK(screen.written.empty());
}

TEST_CASE("long work shows a bar and leaves nothing behind") {
  Screen screen;
  {
    Progress progress("reading", 100, screen.output());
    screen.now += std::chrono::seconds(2);
    progress.update(50);
    CHECK(screen.written == "\r\x1b[Kreading [############............] 50%, 2 s");
    progress.update(51);  // too soon after the last
    screen.now += std::chrono::milliseconds(100);
    progress.update(200);
    CHECK(screen.written.ends_with("[########################] 100%, 2 s"));
  }
  CHECK(screen.written.ends_with("\r\x1b[K"));
}

TEST_CASE("without a terminal nothing is drawn") {
  Screen screen;
  Progress::Output output = screen.output();
  output.write = nullptr;
  Progress progress("reading", 0, output);
  screen.now += std::chrono::seconds(5);
  progress.update(1);
  CHECK(screen.written.empty());
}

}  // namespace
}  // namespace chancery::cli
