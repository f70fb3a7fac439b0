#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

// The preload shim stands between the program and the C library. A test tells it through a file
// that both have mapped (tests/faults/fault_shim.py) which calls are to fail, which clock the
// program sees, and whether the writes are to be kept in a journal.
namespace fault_shim {

enum class Call : unsigned {
  kOpen,
  kRead,
  kWrite,
  kSync,
  kTruncate,
  kRename,
  kUnlink,
  kMakeDirectory,
  kMap,
  kSend,
  kReceive,
  kAccept,
  kAllocate,
  kCount
};

// Where a call goes.
enum class Place : std::uint64_t { kAnywhere, kData, kSocket };

// Control is what the file holds; fault_shim.py knows the same layout.
struct Control {
  std::atomic<std::uint64_t> armed;  // calls are counted, and fail, while this is 1
  std::atomic<std::uint64_t> calls;  // which calls count: bits by number of Call
  std::atomic<std::uint64_t> place;  // and where: a Place
  std::atomic<std::uint64_t> first;  // the counted calls that fail, from 1
  std::atomic<std::uint64_t> last;
  std::atomic<std::uint64_t> error;    // errno; 0: half of the bytes only
  std::atomic<std::uint64_t> done;     // 1: the call takes effect and fails all the same
  std::atomic<std::uint64_t> counted;  // so many so far
  std::atomic<std::uint64_t> failed;
  std::atomic<std::int64_t> clock_offset;    // seconds by which the time of day is off
  std::atomic<std::uint64_t> signing_delay;  // microseconds that each ECDSA signature takes longer
  std::atomic<std::uint64_t> journal;        // 1: writes below `data` go into the journal
  std::atomic<std::uint64_t> journal_size;   // bytes in it
  std::atomic<std::uint64_t> signatures;     // ECDSA signatures made
  std::atomic<std::uint64_t> reserved[2];
  std::atomic<std::uint64_t> per_call[16];  // all calls while armed, whether they count or not
  char data[256];                           // the directory that is meant by kData
  char what[256];                           // the path of the last call that failed
};
static_assert(sizeof(Control) == 32 * 8 + 512);

enum class Verdict { kPass, kFail, kFailWhenDone, kHalf };

// control is null outside a test.
[[nodiscard]] Control* control();

// decide counts a call and says what becomes of it; kFail and kFailWhenDone leave errno as it is to
// be.
[[nodiscard]] Verdict decide(Call call, int fd);
[[nodiscard]] Verdict decide(Call call, const char* path);
[[nodiscard]] int planned_error();

}  // namespace fault_shim
