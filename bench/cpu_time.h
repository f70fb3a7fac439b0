#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace chancery::bench {

// CPU time is what these benchmarks count: wall time on a shared machine says little.

// thread_cpu_ns is the calling thread's own CPU time.
[[nodiscard]] std::int64_t thread_cpu_ns();

// process_cpu_ns is the CPU time of every living thread of a process, by thread name (names that
// end in a number are summed under the name without it). `pid` 0 is this process.
[[nodiscard]] std::map<std::string, std::int64_t> process_cpu_ns(int pid);

// resident_kb is the resident memory of a process.
[[nodiscard]] std::int64_t resident_kb(int pid);

}  // namespace chancery::bench
