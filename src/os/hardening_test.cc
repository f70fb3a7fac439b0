#include "os/hardening.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

namespace chancery::os {
namespace {

// Runs `check` in a process of its own, for the filter never goes away again; the status it ends
// with, or -1.
int in_a_child(const std::function<int()>& check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check());
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

// 0 when `call` fails with EPERM after the filter, and did not before.
int is_denied(const std::function<long()>& call) {
  if (!forbid_new_programs()) return 2;
  errno = 0;
  return call() == -1 && errno == EPERM ? 0 : 1;
}

TEST_CASE("after the filter no program, process, trace or mount begins") {
  char name[] = "/bin/true";
  char* arguments[] = {name, nullptr};
  CHECK(in_a_child([&] { return is_denied([&] { return ::execv(name, arguments); }); }) == 0);
  CHECK(in_a_child([] { return is_denied([] { return ::fork(); }); }) == 0);
  CHECK(in_a_child([] {
          return is_denied([] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); });
        }) == 0);
  CHECK(in_a_child([] {
          return is_denied([] { return ::mount("none", "/", "tmpfs", 0, nullptr); });
        }) == 0);
  CHECK(in_a_child([] { return is_denied([] { return ::setuid(::getuid()); }); }) == 0);
}

TEST_CASE("memory is writable or executable, never both") {
  CHECK(in_a_child([] {
          return is_denied([] {
            void* const memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            return memory == MAP_FAILED ? -1L : 0L;
          });
        }) == 0);
  CHECK(in_a_child([] {
          void* const memory =
              ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          return is_denied([&] { return ::mprotect(memory, 4096, PROT_READ | PROT_EXEC); });
        }) == 0);
}

TEST_CASE("threads that were there are held as well, and new ones can be made") {
  CHECK(in_a_child([] {
          int status = 1;
          std::thread before([&] {
            std::thread filter([] { static_cast<void>(forbid_new_programs()); });
            filter.join();
            status = ::fork() == -1 && errno == EPERM ? 0 : 1;
          });
          before.join();
          std::thread after([] {});
          after.join();
          return status == 0 && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
        }) == 0);
}

TEST_CASE("no core dumps") {
  CHECK(in_a_child([] { return forbid_core_dumps() && ::prctl(PR_GET_DUMPABLE) == 0 ? 0 : 1; }) ==
        0);
}

}  // namespace
}  // namespace chancery::os
