#include "crypto/system_random.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>

#include "base/bytes.h"

namespace chancery::crypto {
namespace {

using Block = std::array<std::uint8_t, 16>;

Block draw() {
  Block block{};
  SystemRandom{}.fill(block);
  return block;
}

TEST_CASE("random blocks do not repeat, within a thread or across") {
  std::set<Block> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(draw());
  Block other{};
  std::thread([&] { other = draw(); }).join();
  seen.insert(other);
  CHECK(seen.size() == 1001);
}

TEST_CASE("every size is filled to the end") {
  for (const std::size_t size : {0UZ, 1UZ, 500UZ, 511UZ, 512UZ, 513UZ, 5000UZ}) {
    // A byte that stays 0 in eight draws was not written (2^-64 a byte).
    Bytes any(size, 0);
    for (int i = 0; i < 8; ++i) {
      Bytes bytes(size, 0);
      SystemRandom{}.fill(bytes);
      for (std::size_t at = 0; at < size; ++at) any[at] |= bytes[at];
    }
    CHECK(std::count(any.begin(), any.end(), 0) == 0);
  }
}

TEST_CASE("a child process does not repeat its parent's numbers") {
  (void)draw();  // the buffer is filled before the fork
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const Block block = draw();
    const bool written =
        ::write(ends[1], block.data(), block.size()) == static_cast<ssize_t>(block.size());
    ::_exit(written ? 0 : 1);
  }
  Block theirs{};
  REQUIRE(::read(ends[0], theirs.data(), theirs.size()) == static_cast<ssize_t>(theirs.size()));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(theirs != draw());
  CHECK(theirs != Block{});
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace chancery::crypto
