#pragma once

// What path_cases writes and the judges read.

#include <cstdint>
#include <string>
#include <vector>

namespace chancery::compare {

inline constexpr std::int64_t kTime = 1'780'272'000;  // 2026-06-01T00:00:00Z

using Der = std::vector<std::uint8_t>;

struct JudgedCase {
  std::string number;
  std::string host;
  std::string policy;  // "-": none
  Der target;
  std::vector<Der> anchors;
  std::vector<Der> pool;
};

// read_case reads the next line of standard input; false at its end.
bool read_case(JudgedCase& out);
// say prints one verdict: number, "valid" or "invalid", and why as one word.
void say(const JudgedCase& judged, bool valid, std::string why);

}  // namespace chancery::compare
