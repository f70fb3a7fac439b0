#include "cpu_time.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace chancery::bench {
namespace {

std::string base_of(std::string name) {
  while (!name.empty() && ((name.back() >= '0' && name.back() <= '9') || name.back() == '-'))
    name.pop_back();
  return name;
}

std::string task_directory(int pid) {
  return pid == 0 ? "/proc/self/task" : "/proc/" + std::to_string(pid) + "/task";
}

}  // namespace

std::int64_t thread_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::map<std::string, std::int64_t> process_cpu_ns(int pid) {
  std::map<std::string, std::int64_t> by_name;
  const std::string directory = task_directory(pid);
  DIR* tasks = ::opendir(directory.c_str());
  if (tasks == nullptr) return by_name;
  while (const dirent* entry = ::readdir(tasks)) {
    if (entry->d_name[0] == '.') continue;
    const std::string task = directory + "/" + entry->d_name;
    std::string name;
    std::getline(std::ifstream(task + "/comm"), name);
    // schedstat's first field is the time on CPU in nanoseconds.
    std::int64_t on_cpu = 0;
    std::ifstream(task + "/schedstat") >> on_cpu;
    by_name[base_of(name)] += on_cpu;
  }
  ::closedir(tasks);
  return by_name;
}

std::int64_t resident_kb(int pid) {
  std::int64_t pages = 0;
  std::int64_t resident = 0;
  std::ifstream("/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid)) + "/statm") >>
      pages >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

}  // namespace chancery::bench
