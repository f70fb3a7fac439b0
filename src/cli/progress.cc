#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include "cli/terminal.h"

namespace chancery::cli {
namespace {

constexpr std::chrono::seconds kPatience{1};
constexpr std::chrono::milliseconds kBetween{100};
constexpr std::size_t kBarWidth = 24;
constexpr const char* kWipeLine = "\r\x1b[K";

Progress::Output standard_error() {
  Progress::Output output;
  output.now = [] { return std::chrono::steady_clock::now(); };
  if (is_terminal(stderr)) {
    output.write = [](const std::string& text) {
      std::fwrite(text.data(), 1, text.size(), stderr);
      std::fflush(stderr);
    };
  }
  return output;
}

}  // namespace

Progress::Progress(std::string what, std::uint64_t total)
    : Progress(std::move(what), total, standard_error()) {}

Progress::Progress(std::string what, std::uint64_t total, Output output)
    : what_(std::move(what)),
      total_(total),
      output_(std::move(output)),
      began_(output_.now()),
      next_(began_ + kPatience) {}

Progress::~Progress() {
  if (drawn_) output_.write(kWipeLine);
}

void Progress::update(std::uint64_t done) {
  if (!output_.write) return;
  const Time now = output_.now();
  if (now < next_) return;
  next_ = now + kBetween;
  draw(done);
}

void Progress::draw(std::uint64_t done) {
  std::string line = what_ + " ";
  if (total_ > 0) {
    const std::uint64_t shown = std::min(done, total_);
    const auto share = static_cast<double>(shown) / static_cast<double>(total_);
    const auto filled = static_cast<std::size_t>(share * kBarWidth);
    line += "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] " +
            std::to_string(static_cast<unsigned>(share * 100)) + "%";
  } else {
    line += std::to_string(done);
  }
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::seconds>(output_.now() - began_).count();
  line += ", " + std::to_string(elapsed) + " s";
  line.resize(std::min(line.size(), output_.columns - 1));
  output_.write(kWipeLine + line);
  drawn_ = true;
}

}  // namespace chancery::cli
