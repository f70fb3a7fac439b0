#include "judge.h"

#include <cstdio>
#include <iostream>
#include <sstream>

namespace chancery::compare {
namespace {

int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

Der decoded(const std::string& base64) {
  Der out;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : base64) {
    const int value = digit(c);
    if (value < 0) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return out;
}

}  // namespace

bool read_case(JudgedCase& out) {
  std::string line;
  if (!std::getline(std::cin, line)) return false;
  std::istringstream in(line);
  std::string mutations;
  std::string word;
  std::size_t anchors = 0;
  std::size_t pool = 0;
  in >> out.number >> mutations >> out.host >> out.policy >> anchors >> pool >> word;
  out.target = decoded(word);
  out.anchors.clear();
  out.pool.clear();
  while (in >> word)
    (out.anchors.size() < anchors ? out.anchors : out.pool).push_back(decoded(word));
  return out.pool.size() == pool;
}

void say(const JudgedCase& judged, bool valid, std::string why) {
  for (char& c : why) {
    if (c == ' ') c = '_';
  }
  std::printf("%s %s %s\n", judged.number.c_str(), valid ? "valid" : "invalid",
              why.empty() ? "-" : why.c_str());
}

}  // namespace chancery::compare
