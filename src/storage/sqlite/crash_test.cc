#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <thread>

#include "base/test_directory.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/store_conformance.h"

extern char** environ;

namespace chancery::storage::sqlite {
namespace {

using conformance::issue;
using conformance::key;
using conformance::kScope;
using conformance::numbered;

constexpr const char* kDirectory = "CHANCERY_CRASH_DIRECTORY";
constexpr const char* kFirst = "CHANCERY_CRASH_FIRST";
constexpr int kAcknowledgements = 3;  // the child's descriptor

Options options() {
  Options options;
  options.hot_rows = 100;
  options.index_delay = std::chrono::milliseconds(1);
  options.reserve_size = 64 * 1024;
  return options;
}

// The child: commits without end and writes down each number once its ticket is complete.
TEST_CASE("crash child" * doctest::skip()) {
  const char* directory = ::getenv(kDirectory);
  if (directory == nullptr) return;
  NullLog log;
  auto store = open(directory, options(), log).value();
  auto number = static_cast<std::uint32_t>(std::stoul(::getenv(kFirst)));
  while (true) {
    std::vector<record::WriteSet> sets;
    for (std::uint32_t i = 0; i < 5; ++i) {
      record::WriteSet set = issue(numbered(number + i));
      set.require_absent(key(std::to_string(number + i)));
      set.put(key(std::to_string(number + i)), {});
      sets.push_back(std::move(set));
    }
    for (const auto& result : conformance::commit_all(*store, std::move(sets))) {
      if (!result) return;
      const std::uint32_t done = number++;
      if (::write(kAcknowledgements, &done, sizeof done) != sizeof done) return;
    }
  }
}

// Runs the child for a while, kills it and returns what it acknowledged.
std::vector<std::uint32_t> run_and_kill(const std::string& directory, std::uint32_t first,
                                        std::chrono::milliseconds time) {
  ::setenv(kDirectory, directory.c_str(), 1);
  ::setenv(kFirst, std::to_string(first).c_str(), 1);
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], kAcknowledgements);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  std::string program = "storage_sqlite_test";
  std::string filter = "-tc=crash child";
  std::string no_skip = "--no-skip";
  char* arguments[] = {program.data(), filter.data(), no_skip.data(), nullptr};
  pid_t child = 0;
  REQUIRE(::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments, environ) == 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::vector<std::uint32_t> acknowledged;
  std::uint32_t number = 0;
  // The time runs from the first acknowledgement: a slow start does not make the test vacuous.
  std::thread killer;
  while (::read(ends[0], &number, sizeof number) == sizeof number) {
    acknowledged.push_back(number);
    if (!killer.joinable()) {
      killer = std::thread([child, time] {
        std::this_thread::sleep_for(time);
        ::kill(child, SIGKILL);
      });
    }
  }
  if (killer.joinable()) killer.join();
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  return acknowledged;
}

TEST_CASE("a killed process loses nothing that it acknowledged") {
  const TestDirectory directory;
  const std::string path = directory.path() + "/store";
  NullLog log;
  std::set<std::uint32_t> acknowledged;
  for (int round = 0; round < 6; ++round) {
    const auto first = static_cast<std::uint32_t>(round) * 100'000;
    const auto numbers = run_and_kill(path, first, std::chrono::milliseconds(50 + 37 * round));
    acknowledged.insert(numbers.begin(), numbers.end());
    CHECK_FALSE(numbers.empty());

    auto store = open(path, options(), log).value();
    CHECK(store->log().size() >= acknowledged.size());
    for (const std::uint32_t number : acknowledged) {
      const auto found = store->index().find_by_serial(kScope, numbered(number).serial);
      REQUIRE_MESSAGE(found.has_value(), found.error().to_string());
      REQUIRE(found->has_value());
      REQUIRE(store->state().get(key(std::to_string(number))).value().has_value());
    }
    const auto report = store->check().value();
    for (const std::string& problem : report.problems) FAIL_CHECK(problem);
    CHECK(report.certificates == store->log().size());
  }
  MESSAGE("acknowledged before the kills: " << acknowledged.size());
}

}  // namespace
}  // namespace chancery::storage::sqlite
